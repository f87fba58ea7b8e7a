"""n8n 2.41's public API, its webhooks and its runs, as far as strategies use them."""
