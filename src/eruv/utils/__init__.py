"""What every floor needs and no floor owns."""
