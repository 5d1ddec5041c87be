"""What the plugins that we generate or meet most often take: a table of facts from their reference pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

PluginKind: TypeAlias = Literal["input", "filter", "output", "codec"]


@frozen
class Options:
    """`complete` is false where a plugin has so many options that only an obvious misspelling is worth a word."""

    known: frozenset[str]
    required: frozenset[str] = frozenset()
    obsolete: Mapping[str, str] = field(default_factory=dict)  # Logstash 9 does not start with these
    complete: bool = True


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _options(text: str, obsolete: str = "", complete: bool = True) -> Options:
    """`name` is an option, `name!` a required one; in `obsolete`, `old=new`."""
    words = text.split()
    return Options(
        frozenset(word.rstrip("!") for word in words),
        frozenset(word.rstrip("!") for word in words if word.endswith("!")),
        dict(pair.split("=") for pair in obsolete.split()),
        complete,
    )


COMMON: Mapping[PluginKind, frozenset[str]] = {
    "input": _names("add_field codec ecs_compatibility enable_metric id tags type"),
    "filter": _names("add_field add_tag ecs_compatibility enable_metric id periodic_flush remove_field remove_tag"),
    "output": _names("codec ecs_compatibility enable_metric id workers"),
    "codec": _names("charset ecs_compatibility enable_metric id"),
}

_SERVER_TLS = """ssl_certificate ssl_certificate_authorities ssl_cipher_suites ssl_client_authentication ssl_enabled
    ssl_handshake_timeout ssl_key ssl_key_passphrase ssl_supported_protocols"""
_CLIENT_TLS = """ssl_certificate ssl_certificate_authorities ssl_cipher_suites ssl_enabled ssl_key
    ssl_keystore_password ssl_keystore_path ssl_keystore_type ssl_supported_protocols ssl_truststore_password
    ssl_truststore_path ssl_truststore_type ssl_verification_mode"""
_KAFKA = """bootstrap_servers client_dns_lookup client_id connections_max_idle_ms jaas_path kerberos_config
    metadata_max_age_ms receive_buffer_bytes reconnect_backoff_ms request_timeout_ms retry_backoff_ms
    sasl_client_callback_handler_class sasl_jaas_config sasl_kerberos_service_name sasl_mechanism security_protocol
    send_buffer_bytes ssl_endpoint_identification_algorithm ssl_key_password ssl_keystore_location
    ssl_keystore_password ssl_keystore_type ssl_truststore_location ssl_truststore_password ssl_truststore_type"""
_BEATS = _options(
    f"""add_hostname client_inactivity_timeout enrich event_loop_threads executor_threads host include_codec_tag port!
    {_SERVER_TLS}""",
    """cipher_suites=ssl_cipher_suites ssl=ssl_enabled ssl_peer_metadata=enrich
    ssl_verify_mode=ssl_client_authentication tls_max_version=ssl_supported_protocols
    tls_min_version=ssl_supported_protocols""",
)

PLUGINS: Mapping[tuple[PluginKind, str], Options] = {
    ("input", "beats"): _BEATS,
    ("input", "elastic_agent"): _BEATS,
    ("input", "dead_letter_queue"): _options(
        "clean_consumed commit_offsets path! pipeline_id sincedb_path start_timestamp"
    ),
    ("input", "file"): _options(
        """check_archive_validity close_older delimiter discover_interval exclude exit_after_read file_chunk_count
        file_chunk_size file_completed_action file_completed_log_path file_sort_by file_sort_direction ignore_older
        max_open_files mode path! sincedb_clean_after sincedb_path sincedb_write_interval start_position
        stat_interval"""
    ),
    ("input", "generator"): _options("count lines message threads"),
    ("input", "http"): _options(
        f"""additional_codecs host max_content_length max_pending_requests password port remote_host_target_field
        request_headers_target_field response_code response_headers ssl_keystore_password ssl_keystore_path
        ssl_keystore_type ssl_truststore_password ssl_truststore_path ssl_truststore_type threads user {_SERVER_TLS}""",
        """cipher_suites=ssl_cipher_suites keystore=ssl_keystore_path keystore_password=ssl_keystore_password
        ssl=ssl_enabled ssl_verify_mode=ssl_client_authentication tls_max_version=ssl_supported_protocols
        tls_min_version=ssl_supported_protocols verify_mode=ssl_client_authentication""",
    ),
    ("input", "kafka"): _options(
        f"""auto_commit_interval_ms auto_offset_reset check_crcs consumer_threads decorate_events enable_auto_commit
        fetch_max_bytes fetch_max_wait_ms fetch_min_bytes group_id group_instance_id heartbeat_interval_ms
        isolation_level key_deserializer_class max_partition_fetch_bytes max_poll_interval_ms max_poll_records
        partition_assignment_strategy poll_timeout_ms schema_registry_key schema_registry_secret schema_registry_url
        session_timeout_ms topics topics_pattern value_deserializer_class {_KAFKA}""",
        complete=False,
    ),
    ("input", "pipeline"): _options("address!"),
    ("input", "stdin"): _options(""),
    ("input", "tcp"): _options(
        f"""dns_reverse_lookup_enabled host mode port! proxy_protocol ssl_extra_chain_certs ssl_verification_mode
        tcp_keep_alive {_SERVER_TLS}""",
        "ssl_cert=ssl_certificate ssl_enable=ssl_enabled ssl_verify=ssl_client_authentication",
    ),
    ("filter", "date"): _options("locale match precision tag_on_failure target timezone"),
    ("filter", "dissect"): _options("convert_datatype mapping tag_on_failure"),
    ("filter", "drop"): _options("percentage"),
    ("filter", "fingerprint"): _options(
        "base64encode concatenate_all_fields concatenate_sources key method source target"
    ),
    ("filter", "grok"): _options(
        """break_on_match keep_empty_captures match named_captures_only overwrite pattern_definitions patterns_dir
        patterns_files_glob tag_on_failure tag_on_timeout target timeout_millis timeout_scope"""
    ),
    ("filter", "json"): _options("skip_on_invalid_json source! tag_on_failure target"),
    ("filter", "mutate"): _options(
        """capitalize coerce convert copy gsub join lowercase merge rename replace split strip tag_on_failure update
        uppercase"""
    ),
    ("filter", "prune"): _options("blacklist_names blacklist_values interpolate whitelist_names whitelist_values"),
    ("filter", "truncate"): _options("fields length_bytes!"),
    ("output", "elasticsearch"): _options(
        f"""action api_key bulk_path ca_trusted_fingerprint cloud_auth cloud_id compression_level custom_headers
        data_stream data_stream_auto_routing data_stream_dataset data_stream_namespace data_stream_sync_fields
        data_stream_type dlq_custom_codes dlq_on_failed_indexname_interpolation doc_as_upsert document_id document_type
        drop_error_types failure_type_logging_whitelist healthcheck_path hosts http_compression ilm_enabled ilm_pattern
        ilm_policy ilm_rollover_alias index join_field manage_template parameters parent password path pipeline
        pool_max pool_max_per_route proxy resurrect_delay retry_initial_interval retry_max_interval retry_on_conflict
        routing script script_lang script_type script_var_name scripted_upsert silence_errors_in_log sniffing
        sniffing_delay sniffing_path template template_api template_name template_overwrite timeout upsert user
        validate_after_inactivity version version_type {_CLIENT_TLS}""",
        """cacert=ssl_certificate_authorities keystore=ssl_keystore_path keystore_password=ssl_keystore_password
        ssl=ssl_enabled ssl_certificate_verification=ssl_verification_mode truststore=ssl_truststore_path
        truststore_password=ssl_truststore_password""",
    ),
    ("output", "file"): _options(
        "create_if_deleted dir_mode file_mode filename_failure flush_interval gzip path! stale_cleanup_interval "
        "write_behavior"
    ),
    ("output", "http"): _options(
        f"""automatic_retries connect_timeout content_type cookies follow_redirects format headers http_compression
        http_method! ignorable_codes keepalive mapping message password pool_max pool_max_per_route proxy
        request_timeout retry_failed retry_non_idempotent retryable_codes socket_timeout url! user
        validate_after_inactivity {_CLIENT_TLS}""",
        """cacert=ssl_certificate_authorities client_cert=ssl_certificate client_key=ssl_key
        keystore=ssl_keystore_path keystore_password=ssl_keystore_password keystore_type=ssl_keystore_type
        truststore=ssl_truststore_path truststore_password=ssl_truststore_password
        truststore_type=ssl_truststore_type""",
        complete=False,
    ),
    ("output", "kafka"): _options(
        f"""acks batch_size buffer_memory compression_type key_serializer linger_ms max_request_size message_headers
        message_key metadata_fetch_timeout_ms partitioner retries topic_id! value_serializer {_KAFKA}""",
        complete=False,
    ),
    ("output", "pipeline"): _options("ensure_delivery send_to!"),
    ("output", "stdout"): _options(""),
    ("codec", "json"): _options("target"),
    ("codec", "json_lines"): _options("decode_size_limit_bytes delimiter target"),
    ("codec", "line"): _options("delimiter format"),
    ("codec", "multiline"): _options(
        "auto_flush_interval max_bytes max_lines multiline_tag negate pattern! patterns_dir what!"
    ),
    ("codec", "plain"): _options("format"),
    ("codec", "rubydebug"): _options("metadata"),
}

# All that is published for Logstash, so that only other names are called unknown.
NAMES: Mapping[PluginKind, frozenset[str]] = {
    "input": _names("""
        azure_event_hubs beats cloudwatch couchdb_changes dead_letter_queue elastic_agent elastic_serverless_forwarder
        elasticsearch eventlog exec file ganglia gelf generator github google_cloud_storage google_pubsub graphite
        heartbeat http http_poller imap irc java_generator java_stdin jdbc jms jmx kafka kinesis log4j log4j2 logstash
        lumberjack meetup neo4j otel perfmon pipe pipeline puppet_facter rabbitmq redis relp rss s3 s3-sns-sqs
        s3_sns_sqs salesforce snmp snmptrap sqlite sqs stdin stomp syslog tcp twitter udp unix varnishlog websocket
        wmi xmpp
        """),
    "filter": _names("""
        age aggregate alter anonymize bytes checksum cidr cipher clone collate csv date de_dot dissect dns drop
        elapsed elastic_integration elasticsearch emoji environment extractnumbers fake fingerprint geoip grok hashid
        http i18n java_uuid jdbc_static jdbc_streaming json json_encode kv ldap math memcached metricize metrics
        multiline mutate noop oui prune range ruby sleep split syslog_pri threats_classifier throttle tld translate
        truncate urldecode useragent uuid wurfl_device_detection xml
        """),
    "output": _names("""
        appsearch boundary circonus cloudwatch csv datadog datadog_metrics dynatrace elastic_app_search
        elastic_workplace_search elasticsearch email exec file ganglia gelf google_bigquery google_cloud_storage
        google_pubsub graphite graphtastic hipchat http influxdb irc java_stdout juggernaut kafka kinesis librato
        loggly logstash lumberjack metriccatcher mongodb nagios nagios_nsca noop null opentsdb pagerduty pipe pipeline
        rabbitmq redis redmine riak riemann s3 sink sns solr_http sqs statsd stdout stomp syslog tcp timber udp
        webhdfs websocket xmpp zabbix
        """),
    "codec": _names("""
        avro avro_schema_registry cef cloudfront cloudtrail collectd compress_spooler csv dots edn edn_lines es_bulk
        fluent graphite gzip_lines java_dots java_line java_plain json json_lines line msgpack multiline netflow nmap
        oldlogstashjson otlp plain pretty protobuf rubydebug sflow snappy
        """),
}
