"""Rules about the templates in labels and annotations of alerts."""
