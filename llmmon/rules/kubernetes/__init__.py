"""What is wrong with objects of Kubernetes: probes that kill what is well, monitors that scrape nothing."""
