"""Which options take a number, a boolean, pairs, or one of some words: where Logstash says what it expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.logstash import more_options

if TYPE_CHECKING:
    from collections.abc import Mapping


def _keys(text: str) -> frozenset[tuple[str, str, str]]:
    """`filter.grok: match target` names options of one plugin per line."""
    out = set()
    for line in text.strip().splitlines():
        head, _, names = line.strip().partition(": ")
        kind, _, plugin = head.partition(".")
        out |= {(kind, plugin, name) for name in names.split()}
    return frozenset(out)


NUMBERS = more_options.NUMBERS | _keys("""
    input.beats: client_inactivity_timeout port
    input.elastic_agent: client_inactivity_timeout port
    input.generator: count threads
    input.http: max_content_length port threads
    input.kafka: consumer_threads max_poll_records
    input.syslog: port
    input.tcp: port
    input.udp: port queue_size receive_buffer_bytes workers
    filter.drop: percentage
    filter.grok: timeout_millis
    filter.truncate: length_bytes
    output.elasticsearch: pool_max pool_max_per_route retry_on_conflict timeout
    output.http: automatic_retries connect_timeout pool_max request_timeout socket_timeout
    output.tcp: port reconnect_interval
    codec.multiline: auto_flush_interval max_lines
    """)
BOOLEANS = more_options.BOOLEANS | _keys("""
    input.beats: include_codec_tag ssl_enabled
    input.tcp: dns_reverse_lookup_enabled proxy_protocol ssl_enabled tcp_keep_alive
    filter.fingerprint: base64encode concatenate_all_fields concatenate_sources
    filter.grok: break_on_match keep_empty_captures named_captures_only
    filter.json: skip_on_invalid_json
    filter.prune: interpolate
    output.elasticsearch: doc_as_upsert manage_template scripted_upsert sniffing ssl_enabled template_overwrite
    output.file: create_if_deleted gzip
    output.pipeline: ensure_delivery
    codec.multiline: negate
    """)
PAIRS = _keys("""
    filter.dissect: convert_datatype mapping
    filter.grok: match pattern_definitions
    filter.mutate: convert copy join rename replace split update
    """)
WORDS: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    ("input", "file", "mode"): ("tail", "read"),
    ("input", "file", "start_position"): ("beginning", "end"),
    ("input", "tcp", "mode"): ("server", "client"),
    ("filter", "date", "precision"): ("ms", "ns"),
    ("output", "elasticsearch", "data_stream"): ("true", "false", "auto"),
    ("output", "elasticsearch", "ilm_enabled"): ("true", "false", "auto"),
    ("output", "elasticsearch", "ssl_verification_mode"): ("full", "none"),
    ("output", "http", "http_method"): ("put", "post", "patch", "delete", "get", "head"),
    ("codec", "multiline", "what"): ("previous", "next"),
}
