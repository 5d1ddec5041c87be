"""What is wrong with an Alertmanager configuration."""
