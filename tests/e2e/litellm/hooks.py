"""What runs inside the proxy: keys without a database, and parts of it that fail when the test says so."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from fastapi import HTTPException
from litellm.integrations.custom_guardrail import CustomGuardrail
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import UserAPIKeyAuth

SCRAPES = "sk-scrapes"
TEAMS = {"sk-calls": "support", "sk-spends": "research"}  # by their keys
FAULTS = Path(os.environ["FAULTS"])  # one word a line: what goes wrong now


def broken(what: str) -> bool:
    """Whether the test wants this to go wrong."""
    return what in FAULTS.read_text().split()


async def auth(request: object, api_key: str) -> UserAPIKeyAuth:
    """A key that scrapes, and those of two teams; one of them has spent its budget when that is wanted."""
    if api_key == SCRAPES:
        return UserAPIKeyAuth(api_key=api_key, key_alias="scrapes")
    if api_key not in TEAMS:
        raise HTTPException(401, "no such key")
    if broken("auth"):
        await asyncio.sleep(1.5)
    team = TEAMS[api_key]
    spent = 101.0 if team == "research" and broken("budgets") else 10.0
    return UserAPIKeyAuth(
        api_key=api_key,
        key_alias=f"{team}-key",
        max_budget=100.0,
        spend=spent,
        team_id=team,
        team_alias=team,
        team_max_budget=100.0,
        team_spend=spent,
    )


class Names(CustomGuardrail):
    """A guardrail that finds nothing, and sometimes cannot look."""

    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        if broken("guardrail") and data.get("model") == "limited":
            raise RuntimeError("the guardrail's model does not answer")
        return data


class Delivery(CustomLogger):
    """A callback that sends logs somewhere, or cannot."""

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        if broken("delivery"):
            self.handle_callback_failure("delivery")


class Overhead(CustomLogger):
    """Work of the proxy's own before each call to a provider."""

    async def async_pre_call_deployment_hook(self, kwargs, call_type):
        if broken("overhead"):
            await asyncio.sleep(0.8)
        return kwargs


delivery = Delivery()
overhead = Overhead()
