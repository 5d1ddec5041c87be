"""Options of plugins that people use and we do not generate: facts from their reference pages.

A page may leave one out, so only what is spelled almost like a known name is called wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.logstash.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# `!` is required, `#` a number, `?` a boolean.
_TABLE = """
    filter.kv: allow_duplicate_values? allow_empty_values? default_keys exclude_keys field_split field_split_pattern
        include_brackets? include_keys prefix recursive? remove_char_key remove_char_value source tag_on_failure
        tag_on_timeout target timeout_millis# transform_key transform_value trim_key trim_value value_split
        value_split_pattern whitespace
    filter.csv: autodetect_column_names? autogenerate_column_names? columns convert quote_char separator
        skip_empty_columns? skip_empty_rows? skip_header? source target
    filter.geoip: cache_size# database default_database_type fields source! tag_on_failure target
    filter.useragent: lru_cache_size# prefix regexes source! target
    filter.translate: destination dictionary dictionary_path exact? fallback field iterate_on override?
        refresh_behaviour refresh_interval# regex? source target yaml_dictionary_code_point_limit#
    filter.ruby: code init path script_params tag_on_exception tag_with_exception_message?
    filter.xml: force_array? force_content? namespaces parse_options remove_namespaces? source! store_xml?
        suppress_empty? target xpath
    filter.split: field target terminator
    filter.aggregate: aggregate_maps_path code! end_of_task? inactivity_timeout# map_action
        push_map_as_event_on_timeout? push_previous_map_as_event? task_id! timeout# timeout_code timeout_tags
        timeout_task_id_field timeout_timestamp_field
    filter.clone: clones!
    filter.uuid: overwrite? target!
    filter.urldecode: all_fields? charset field tag_on_failure
    filter.elapsed: end_tag! keep_start_event new_event_on_match? start_tag! timeout# unique_id_field!
    filter.dns: action failed_cache_size# failed_cache_ttl# hit_cache_size# hit_cache_ttl# hostsfile max_retries#
        nameserver resolve reverse tag_on_timeout timeout#
    filter.cidr: address network network_path refresh_interval# separator
    filter.throttle: after_count# before_count# key! max_age# max_counters# period
    filter.metrics: clear_interval# flush_interval# ignore_older_than# meter percentiles rates timer
    filter.http: automatic_retries# body body_format connect_timeout# cookies? follow_redirects? headers keepalive?
        password pool_max# pool_max_per_route# proxy query request_timeout# retry_non_idempotent? socket_timeout#
        ssl_certificate ssl_certificate_authorities ssl_cipher_suites ssl_enabled? ssl_keystore_password
        ssl_keystore_path ssl_keystore_type ssl_supported_protocols ssl_truststore_password ssl_truststore_path
        ssl_truststore_type ssl_verification_mode target_body target_headers url! user validate_after_inactivity#
        verb
    filter.elasticsearch: aggregation_fields api_key ca_trusted_fingerprint cloud_auth cloud_id docinfo_fields
        enable_sort? fields hosts index password proxy query query_template result_size# retry_on_failure#
        retry_on_status sort ssl_certificate ssl_certificate_authorities ssl_cipher_suites ssl_enabled? ssl_key
        ssl_keystore_password ssl_keystore_path ssl_keystore_type ssl_supported_protocols ssl_truststore_password
        ssl_truststore_path ssl_truststore_type ssl_verification_mode tag_on_failure user
    filter.jdbc_streaming: cache_expiration# cache_size# default_hash jdbc_connection_string! jdbc_driver_class!
        jdbc_driver_library jdbc_password jdbc_user jdbc_validate_connection? jdbc_validation_timeout# parameters
        prepared_statement_bind_values prepared_statement_name prepared_statement_warn_on_constant_usage?
        sequel_opts statement! tag_on_default_use tag_on_failure target! use_cache? use_prepared_statements?
    filter.memcached: get hosts namespace set tag_on_failure ttl#
    filter.de_dot: fields nested? recursive? separator
    filter.bytes: conversion_method source target!
    filter.syslog_pri: facility_labels severity_labels syslog_pri_field_name use_labels?
    filter.cipher: algorithm! base64? cipher_padding iv_random_length# key key_pad key_size# max_cipher_reuse# mode!
        source target
    filter.alter: coalesce condrewrite condrewriteother
    filter.range: negate? ranges
    filter.sleep: every replay? time
    filter.tld: source target
    input.syslog: facility_labels grok_pattern host locale port# proxy_protocol? severity_labels syslog_field
        timezone use_labels?
    input.udp: buffer_size# host port!# queue_size# receive_buffer_bytes# source_ip_fieldname workers#
    input.redis: batch_count# command_map data_type! db# host key! password path port# ssl? threads# timeout#
    input.rabbitmq: ack? arguments auto_delete? automatic_recovery? connect_retry_interval# connection_timeout#
        durable? exchange exchange_type exclusive? heartbeat# host! key metadata_enabled? passive? password port#
        prefetch_count# queue ssl? ssl_certificate_password ssl_certificate_path ssl_version
        subscription_retry_interval_seconds# threads# user vhost
    input.s3: access_key_id additional_settings aws_credentials_file backup_add_prefix backup_to_bucket
        backup_to_dir bucket! delete? endpoint exclude_pattern gzip_pattern include_object_properties? interval#
        prefix proxy_uri region role_arn role_session_name secret_access_key session_token sincedb_path
        temporary_directory use_aws_bundled_ca? watch_for_new_files?
    input.sqs: access_key_id additional_settings aws_credentials_file endpoint id_field md5_field polling_frequency#
        proxy_uri queue! queue_owner_aws_account_id region role_arn role_session_name secret_access_key
        sent_timestamp_field session_token threads# use_aws_bundled_ca?
    input.jdbc: clean_run? columns_charset connection_retry_attempts# connection_retry_attempts_wait_time#
        jdbc_connection_string! jdbc_default_timezone jdbc_driver_class! jdbc_driver_library jdbc_fetch_size#
        jdbc_page_size# jdbc_paging_enabled? jdbc_paging_mode jdbc_password jdbc_password_filepath
        jdbc_pool_timeout# jdbc_user! jdbc_validate_connection? jdbc_validation_timeout# last_run_metadata_path
        lowercase_column_names? parameters plugin_timezone prepared_statement_bind_values prepared_statement_name
        record_last_run? schedule sequel_opts sql_log_level statement statement_filepath statement_retry_attempts#
        statement_retry_attempts_wait_time# tracking_column tracking_column_type use_column_value?
        use_prepared_statements?
    input.http_poller: automatic_retries# connect_timeout# cookies? follow_redirects? keepalive? metadata_target
        password pool_max# pool_max_per_route# proxy request_timeout# retry_non_idempotent? schedule!
        socket_timeout# ssl_certificate ssl_certificate_authorities ssl_cipher_suites ssl_enabled?
        ssl_keystore_password ssl_keystore_path ssl_keystore_type ssl_truststore_password ssl_truststore_path
        ssl_truststore_type ssl_verification_mode target urls! user validate_after_inactivity#
    input.elasticsearch: api_key ca_trusted_fingerprint cloud_auth cloud_id connect_timeout_seconds# custom_headers
        docinfo? docinfo_fields docinfo_target hosts index password proxy query request_timeout_seconds#
        response_type retries# schedule scroll search_api size# slices# socket_timeout_seconds# ssl_certificate
        ssl_certificate_authorities ssl_cipher_suites ssl_enabled? ssl_key ssl_keystore_password ssl_keystore_path
        ssl_keystore_type ssl_supported_protocols ssl_truststore_password ssl_truststore_path ssl_truststore_type
        ssl_verification_mode user
    input.exec: command! interval# schedule
    input.heartbeat: count# interval# message sequence threads#
    input.gelf: host port# port_tcp# port_udp# remap? strip_leading_underscore? use_tcp? use_udp?
    input.snmp: auth_pass auth_protocol get hosts interval# local_engine_id mib_paths oid_map_field_values?
        oid_mapping_format oid_path_length# oid_root_skip# poll_hosts_timeout# priv_pass priv_protocol
        security_level security_name tables target threads# use_provided_mibs? walk
    input.snmptrap: auth_pass auth_protocol community host mib_paths oid_map_field_values? oid_mapping_format
        oid_path_length# oid_root_skip# port# priv_pass priv_protocol security_level security_name
        supported_transports supported_versions target threads# use_provided_mibs? yamlmibdir
    input.unix: data_timeout# force_unlink? mode path! socket_not_present_retry_interval_seconds#
    input.graphite: host mode port!# proxy_protocol? ssl_cert ssl_enable? ssl_extra_chain_certs ssl_key
        ssl_key_passphrase ssl_verify?
    input.cloudwatch: access_key_id aws_credentials_file combined? endpoint filters interval# metrics namespace
        period# proxy_uri region role_arn role_session_name secret_access_key session_token statistics
        use_aws_bundled_ca? use_ssl?
    input.kinesis: additional_settings application_name checkpoint_interval_seconds# http_proxy
        initial_position_in_stream kinesis_stream_name! metrics non_proxy_hosts profile region role_arn
        role_session_name
    input.websocket: mode url!
    input.imap: attachments_target check_interval# content_type delete? expunge? fetch_count# folder headers_target
        host! lowercase_headers? password! port# save_attachments? secure? sincedb_path strip_attachments?
        uid_tracking? user! verify_cert?
    input.irc: catch_all? channels! get_stats? host! nick password port# real secure? stats_interval# user
    input.rss: interval!# url!
    input.pipe: command!
    output.tcp: host! mode port!# reconnect_interval# ssl_certificate ssl_certificate_authorities ssl_cipher_suites
        ssl_client_authentication ssl_enabled? ssl_key ssl_key_passphrase ssl_supported_protocols
        ssl_verification_mode
    output.udp: host! port! retry_backoff_ms# retry_count#
    output.redis: batch? batch_events# batch_timeout# congestion_interval# congestion_threshold# data_type! db# host
        key! password port# reconnect_interval# shuffle_hosts? ssl_certificate ssl_certificate_authorities
        ssl_cipher_suites ssl_enabled? ssl_key ssl_supported_protocols ssl_verification_mode timeout#
    output.rabbitmq: arguments automatic_recovery? connect_retry_interval# connection_timeout# durable? exchange!
        exchange_type! heartbeat# host! key message_properties passive? password persistent? port# ssl?
        ssl_certificate_password ssl_certificate_path ssl_version user vhost
    output.s3: access_key_id additional_settings aws_credentials_file bucket! canned_acl encoding endpoint prefix
        proxy_uri region restore? retry_count# retry_delay# role_arn role_session_name rotation_strategy
        secret_access_key server_side_encryption? server_side_encryption_algorithm session_token signature_version
        size_file# ssekms_key_id storage_class temporary_directory time_file# upload_multipart_threshold#
        upload_queue_size# upload_workers_count# use_aws_bundled_ca? validate_credentials_on_root_bucket?
    output.email: address attachments authentication bcc body cc contenttype debug? domain from htmlbody password
        port# replyto subject template_file to! use_tls? username via
    output.csv: create_if_deleted? csv_options dir_mode# fields! file_mode# filename_failure flush_interval# gzip?
        path! spreadsheet_safe?
    output.exec: command! quiet?
    output.lumberjack: flush_size# hosts! idle_flush_time# port!# ssl_certificate!
    output.mongodb: bulk? bulk_interval# bulk_size# collection! database! isodate? retry_delay# uri!
    output.gelf: chunksize# custom_fields full_message host! ignore_metadata level port# protocol sender
        ship_metadata? ship_tags? short_message
    output.graphite: exclude_metrics fields_are_metrics? host include_metrics metrics metrics_format
        nested_object_separator port# reconnect_interval# resend_on_failure? timestamp_field
    output.influxdb: allow_time_override? coerce_values data_points db exclude_fields flush_size# host!
        idle_flush_time# initial_delay# max_retries# measurement password port# retention_policy send_as_tags ssl?
        time_precision use_event_fields_for_data_points? user
    output.statsd: count decrement gauge host increment namespace port# sample_rate# sender set timing
    output.syslog: appname facility host! message msgid port!# priority procid protocol reconnect_interval# rfc
        severity sourcehost ssl_cacert ssl_cert ssl_key ssl_key_passphrase ssl_verify? use_labels?
    output.webhdfs: compression flush_size# host! idle_flush_time# kerberos_keytab open_timeout# path! port#
        read_timeout# retry_interval# retry_known_errors? retry_times# single_file_per_thread? snappy_bufsize#
        snappy_format ssl_cert ssl_key standby_host standby_port# use_httpfs? use_kerberos_auth? use_ssl_auth? user!
    output.sqs: access_key_id aws_credentials_file batch_events# endpoint message_max_size proxy_uri queue!
        queue_owner_aws_account_id region role_arn role_session_name secret_access_key session_token
        use_aws_bundled_ca?
    output.sns: access_key_id arn aws_credentials_file proxy_uri publish_boot_message_arn region secret_access_key
        session_token use_aws_bundled_ca?
    output.nagios: commandfile nagios_level
    output.zabbix: multi_value timeout# zabbix_host! zabbix_key zabbix_server_host zabbix_server_port# zabbix_value
    output.pagerduty: description details event_type incident_key pdurl service_key!
    output.websocket: host port#
    output.cloudwatch: access_key_id aws_credentials_file batch_size# dimensions field_dimensions field_metricname
        field_namespace field_unit field_value metricname namespace proxy_uri queue_size# region secret_access_key
        session_token timeframe unit use_aws_bundled_ca? value
    output.datadog: alert_type api_key! date_happened dd_tags priority source_type_name text title
    codec.csv: autodetect_column_names? autogenerate_column_names? columns convert include_headers? quote_char
        separator skip_empty_columns? target
    codec.cef: default_timezone delimiter device fields locale name product raw_data_field reverse_mapping? severity
        signature vendor version
    codec.netflow: cache_save_path cache_ttl# include_flowset_id? ipfix_definitions netflow_definitions target
        versions
    codec.fluent: nanosecond_precision? target
    codec.es_bulk: target
    codec.msgpack: format target
    codec.collectd: authfile nan_handling nan_tag nan_value# prune_intervals? security_level target typesdb
    codec.edn: target
    codec.avro: encoding schema_uri! tag_on_failure? target
    """


def _lines() -> Iterator[tuple[tuple[str, str], list[str]]]:
    key = ("", "")
    names: list[str] = []
    for word in _TABLE.split():
        if word.endswith(":"):
            if names:
                yield key, names
            kind, _, plugin = word[:-1].partition(".")
            key, names = (kind, plugin), []
        else:
            names.append(word)
    yield key, names


def _marked(mark: str) -> frozenset[tuple[str, str, str]]:
    return frozenset((*key, name.rstrip("!#?")) for key, names in _lines() for name in names if mark in name)


MORE: Mapping[tuple[str, str], Options] = {
    key: Options(
        frozenset(name.rstrip("!#?") for name in names),
        frozenset(name.rstrip("!#?") for name in names if "!" in name),
        complete=False,
    )
    for key, names in _lines()
}
NUMBERS = _marked("#")
BOOLEANS = _marked("?")
