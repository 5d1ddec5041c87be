"""Every field of an Alertmanager configuration: of what kind it is, and since which version it exists.

A word is `name`, `name:kind`, `name:kind@version`. Without a kind it is a text. `{x}` is the structure x, `[x]` a list
of what x is. What is known is that of 0.22 and newer; `SINCE` says when whole structures came.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

Version = tuple[int, ...]


class Field(NamedTuple):
    """One field: its kind, and the first version that knows it."""

    kind: str
    since: Version


_PROXY = "proxy_url:anyurl no_proxy@0.26 proxy_from_environment:flag@0.26 proxy_connect_header:headerlists@0.25"
_NOTIFIER = "send_resolved:flag http_config:{http}"
_TABLES: dict[str, str] = {
    "": """global:{global} route:{route} inhibit_rules:[{inhibition}] receivers:[{receiver}] templates:[text]
        mute_time_intervals:[{interval}] time_intervals:[{interval}]@0.24 tracing:{tracing}@0.30
        event_recorder:{recorder}@0.33""",
    "global": """resolve_timeout:time http_config:{http} jira_api_url:url@0.28 smtp_from smtp_hello
        smtp_smarthost:hostport smtp_auth_username smtp_auth_password:secret smtp_auth_password_file@0.25
        smtp_auth_secret:secret smtp_auth_secret_file@0.31 smtp_auth_identity smtp_require_tls:flag
        smtp_tls_config:{tls}@0.28 smtp_force_implicit_tls:flag@0.31 slack_api_url:secreturl slack_api_url_file
        slack_app_token:secret@0.30 slack_app_token_file@0.30 slack_app_url:url@0.30 pagerduty_url:url
        opsgenie_api_url:url opsgenie_api_key:secret opsgenie_api_key_file@0.24 wechat_api_url:url
        wechat_api_secret:secret wechat_api_secret_file@0.31 wechat_api_corp_id victorops_api_url:url
        victorops_api_key:secret victorops_api_key_file@0.25 telegram_api_url:url@0.24 telegram_bot_token:secret@0.31
        telegram_bot_token_file@0.31 webex_api_url:url@0.25 rocketchat_api_url:url@0.28
        rocketchat_token:pointer@0.28 rocketchat_token_file@0.28 rocketchat_token_id:pointer@0.28
        rocketchat_token_id_file@0.28 mattermost_webhook_url:secreturl@0.32 mattermost_webhook_url_file@0.32""",
    "route": """receiver group_by:[text] match:labels match_re:regexes matchers:[matchers] mute_time_intervals:[text]
        active_time_intervals:[text]@0.24 continue:flag routes:[{route}] group_wait:time group_interval:time
        repeat_interval:time labels:texts@0.34""",
    "inhibition": """name@0.30 source_match:labels source_match_re:regexes source_matchers:[matchers]
        target_match:labels target_match_re:regexes target_matchers:[matchers] equal:[text]""",
    "receiver": """name labels:texts@0.33 discord_configs:[{discord}]@0.25 email_configs:[{email}]
        incidentio_configs:[{incidentio}]@0.29 jira_configs:[{jira}]@0.28 mattermost_configs:[{mattermost}]@0.30
        msteams_configs:[{msteams}]@0.26 msteamsv2_configs:[{msteamsv2}]@0.28 opsgenie_configs:[{opsgenie}]
        pagerduty_configs:[{pagerduty}] pushover_configs:[{pushover}] rocketchat_configs:[{rocketchat}]@0.28
        slack_configs:[{slack}] sns_configs:[{sns}]@0.23 telegram_configs:[{telegram}]@0.24
        victorops_configs:[{victorops}] webex_configs:[{webex}]@0.25 webhook_configs:[{webhook}]
        wechat_configs:[{wechat}]""",
    "interval": "name time_intervals:[{span}]",
    "span": "times:[{times}] weekdays:[weekday] days_of_month:[day] months:[month] years:[year] location:zone@0.25",
    "times": "start_time end_time",
    "tracing": """client_type endpoint sampling_fraction:number insecure:flag tls_config:{tls} headers:headers
        compression timeout:time""",
    "recorder": """file_outputs:[{fileoutput}] webhook_outputs:[{webhookoutput}] kafka_outputs:[{kafkaoutput}]
        stdout_outputs:[any]@0.34""",
    "fileoutput": "path",
    "webhookoutput": """url:secreturl http_config:{http} timeout:time workers:whole max_retries:whole
        retry_backoff:time batch:flag@0.34 batch_max_events:whole@0.34 batch_max_bytes:whole@0.34
        batch_flush_interval:time@0.34""",
    "kafkaoutput": "brokers:[text] topic client_id format acks:any compression buffer_size:whole tls_config:{tls}",
    "http": f"""basic_auth:{{basic}} authorization:{{authorization}} oauth2:{{oauth2}} bearer_token:secret
        bearer_token_file tls_config:{{tls}} follow_redirects:flag enable_http2:flag@0.25 http_headers:headers@0.28
        {_PROXY}""",
    "basic": "username username_file@0.27 username_ref@0.28 password:secret password_file password_ref@0.28",
    "authorization": "type credentials:secret credentials_file credentials_ref@0.28",
    "oauth2": f"""client_id client_secret:secret client_secret_file client_secret_ref@0.28 scopes:[text] token_url
        endpoint_params:texts tls_config:{{tls}}@0.24 client_certificate_key_id@0.30
        client_certificate_key:secret@0.30 client_certificate_key_file@0.30 client_certificate_key_ref@0.30
        grant_type@0.30 signature_algorithm@0.30 iss@0.30 audience@0.30 claims:anymap@0.30
        {_PROXY.replace("anyurl", "anyurl@0.25").replace("headerlists@0.25", "headerlists@0.26")}""",
    "tls": """ca@0.26 cert@0.26 key:secret@0.26 ca_file cert_file key_file ca_ref@0.28 cert_ref@0.28 key_ref@0.28
        server_name insecure_skip_verify:flag min_version:tlsversion@0.25 max_version:tlsversion@0.25""",
    "header": "values:[text] secrets:[secret] files:[text]",
    "sigv4": """region access_key secret_key:secret profile role_arn
        use_fips_sts_endpoint:flag@0.28 service_name@0.29 external_id@0.31""",
    "discord": f"""{_NOTIFIER} webhook_url:secreturl webhook_url_file@0.27 content@0.28 title message username@0.28
        avatar_url@0.28""",
    "email": """send_resolved:flag to from hello smarthost:hostport auth_username auth_password:secret
        auth_password_file@0.25 auth_secret:secret auth_secret_file@0.31 auth_identity headers:texts html text
        require_tls:flag tls_config:{tls} force_implicit_tls:flag@0.31 threading:{threading}@0.30""",
    "threading": "enabled:flag thread_by_date",
    "incidentio": f"""{_NOTIFIER} url:url url_file alert_source_token:secret alert_source_token_file
        max_alerts:natural timeout:gotime""",
    "jira": f"""{_NOTIFIER} api_url:url api_type@0.29 project summary:jirafield description:jirafield labels:[text]
        priority issue_type reopen_transition resolve_transition wont_fix_resolution reopen_duration:time
        fields:anymap""",
    "jirafield": "template enable_update:flag",
    "mattermost": f"""{_NOTIFIER} webhook_url:secreturl webhook_url_file channel username text fallback@0.32
        color@0.32 pretext@0.32 author_name@0.32 author_link@0.32 author_icon@0.32 title@0.32 title_link@0.32
        fields:[{{mattermostfield}}]@0.32 thumb_url@0.32 footer@0.32 footer_icon@0.32 image_url@0.32 icon_url
        icon_emoji attachments:[{{attachment}}] type props:{{props}} priority:{{priority}}""",
    "mattermostfield": "title value short:flag",
    "attachment": """fallback color pretext text author_name author_link author_icon title title_link
        fields:[{mattermostfield}] thumb_url footer footer_icon image_url""",
    "props": "card",
    "priority": "priority requested_ack:flag persistent_notifications:flag",
    "msteams": f"{_NOTIFIER} webhook_url:secreturl webhook_url_file@0.27 title summary@0.27 text",
    "msteamsv2": f"{_NOTIFIER} webhook_url:secreturl webhook_url_file title text",
    "opsgenie": f"""{_NOTIFIER} api_key:secret api_key_file@0.24 api_url:url message description source details:texts
        entity@0.24 responders:[{{responder}}] actions@0.24 tags note priority update_alerts:flag@0.24""",
    "responder": "id name username type",
    "pagerduty": f"""{_NOTIFIER} service_key:secret service_key_file@0.25 routing_key:secret routing_key_file@0.25
        url:url client client_url description details:details images:[{{image}}] links:[{{link}}] source@0.25 severity
        class component group timeout:gotime@0.30""",
    "image": "src alt href",
    "link": "href text",
    "pushover": f"""{_NOTIFIER} user_key:secret user_key_file@0.26 token:secret token_file@0.26 title message url
        url_title device@0.26 sound priority retry:godur expire:godur ttl:godur@0.27 html:flag monospace:flag@0.29""",
    "rocketchat": f"""{_NOTIFIER} api_url:url token_id:pointer token_id_file token:pointer token_file channel color
        title title_link text fields:[{{rocketfield}}] short_fields:flag emoji icon_url image_url thumb_url
        link_names:flag actions:[{{rocketaction}}]""",
    "rocketfield": "short:flag title value",
    "rocketaction": """type text url imageurl iswebview:flag webviewheightratio msg msginchatwindow:flag
        msgprocessingtype""",
    "slack": f"""{_NOTIFIER} api_url:secreturl api_url_file app_token:secret@0.30 app_token_file@0.30 app_url:url@0.30
        channel username color title title_link pretext text message_text@0.31 fields:[{{slackfield}}]
        short_fields:flag footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names:flag
        mrkdwn_in:[text] actions:[{{action}}] update_message:flag@0.32 timeout:gotime@0.30""",
    "slackfield": "title value short:flag",
    "action": "type text url style name value confirm:{confirm}",
    "confirm": "text title ok_text dismiss_text",
    "sns": f"""{_NOTIFIER} api_url sigv4:{{sigv4}} topic_arn phone_number target_arn subject message attributes:texts
        use_aws_http_client:flag@0.33""",
    "telegram": f"""{_NOTIFIER} api_url:url bot_token:secret bot_token_file@0.26 chat_id:whole chat_id_file@0.31
        message_thread_id:whole@0.28 message disable_notifications:flag parse_mode""",
    "victorops": f"""{_NOTIFIER} api_key:secret api_key_file api_url:url routing_key message_type state_message
        entity_display_name monitoring_tool custom_fields:texts""",
    "webex": f"{_NOTIFIER} api_url:url message room_id",
    "webhook": f"{_NOTIFIER} url:webhookurl url_file@0.26 max_alerts:natural timeout:gotime@0.28 payload:any@0.32",
    "wechat": f"""{_NOTIFIER} api_secret:secret api_secret_file@0.31 corp_id message api_url:url to_user to_party to_tag
        agent_id message_type""",
}
# What people write instead, and what they mean.
MEANT: dict[str, dict[str, str]] = {
    "email": {"subject": "headers: {Subject: ...}", "body": "html: or text:", "password": "auth_password_file:"},
    "slack": {"webhook_url": "api_url_file:", "message": "text:", "colour": "color:", "attachments": "fields:"},
    "pagerduty": {"api_key": "routing_key_file:", "integration_key": "routing_key_file:", "key": "routing_key_file:"},
    "opsgenie": {"teams": "responders:"},
    "webhook": {"api_url": "url:", "webhook_url": "url:", "headers": "http_config: {http_headers: ...}"},
    "http": {"headers": "http_headers: {NAME: {values: [VALUE]}}, since 0.28"},
}


@cache
def of(structure: str) -> dict[str, Field]:
    """The fields of a structure, in the order of the documentation."""
    return dict(map(_field, _TABLES[structure].split()))


def structures() -> tuple[str, ...]:
    """All structures by name; the whole file is the empty one."""
    return tuple(_TABLES)


def _field(word: str) -> tuple[str, Field]:
    named, _, since = word.partition("@")
    name, _, kind = named.partition(":")
    return name, Field(kind or "text", tuple(map(int, since.split("."))) if since else (0, 22))
