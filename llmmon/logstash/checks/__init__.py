"""What `logstash -t` lets pass, one kind of mistake per module."""
