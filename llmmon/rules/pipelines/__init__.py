"""What is wrong with a Logstash pipeline: what stops it when it starts, and what it then does to no purpose."""
