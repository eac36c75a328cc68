"""What the commands do. Imported only when one runs."""
