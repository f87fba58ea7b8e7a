"""n8n's public API: workflows, publishing, executions, credentials and tenants."""
