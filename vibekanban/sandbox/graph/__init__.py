"""Meta's Graph API, faithfully enough that its official SDK cannot tell."""
