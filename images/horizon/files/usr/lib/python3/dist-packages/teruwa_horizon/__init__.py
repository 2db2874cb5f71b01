"""What Horizon lacks: sessions whose end is told to people, and errors that are sentences."""
