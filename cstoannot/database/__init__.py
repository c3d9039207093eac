"""What the application asks of its databases beyond Django's own backends."""
