"""How the server is set up: environment variables named ``WORKBENCH_...``, read once, at the start."""

import logging
import os
from pathlib import Path
from typing import Annotated

from limits import aio, parse
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from workbench.data.btcturk.addresses import find_addresses
from workbench.model.errors import InputError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MINIMUM_TOKEN = 12
"""Characters of a configured token; made ones have 43."""
MINIMUM_SECRET = 24
"""Characters of the secret that the proxy and the servers behind it share."""


class Settings(BaseSettings):
    """Everything that can be set; tests and the command line give values directly."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", extra="ignore", frozen=True, hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Where to listen; anything but loopback is warned about.")
    port: int = Field(4010, ge=0, le=65535)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        LOOPBACK, description="Names in the Host header that are answered (against DNS rebinding), separated by commas."
    )
    admin_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("admin_token", "WORKBENCH_ADMIN_TOKEN", "ADMIN_TOKEN")
    )
    researcher_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("researcher_token", "WORKBENCH_RESEARCHER_TOKEN", "RESEARCHER_TOKEN")
    )
    proxy_secret: SecretStr | None = Field(None, description="Beside it, X-Forwarded-For is believed.")
    require_second_person: bool = Field(False, description="Whether the approver must not be the proposer.")
    database_url: SecretStr | None = Field(None, description="PostgreSQL for the ledger; default: SQLite in the home.")
    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, le=64)
    queue_size: int = Field(200, ge=1, le=10_000, description="Jobs that may wait; beyond that 503.")
    job_seconds: float = Field(60.0, gt=0)
    job_mebibytes: int = Field(2048, ge=16, description="What one job may take beside the warmed worker.")
    rate_limit: str = Field("6000/minute", description="Requests per token, else per address, as `limits` spells it.")
    rate_store: str = Field("async+memory://", description="Where the counts lie, as `limits` spells it.")
    body_bytes: int = Field(64 * 1024, ge=1024, description="The largest request.")
    feed: bool = Field(True, description="Whether the live feed runs.")
    feed_pairs: Annotated[tuple[str, ...], NoDecode] = Field(("ETHUSDT", "BTCUSDT"))
    exchange: str | None = Field(None, description="Another exchange's base address, such as the simulator's.")
    audit_check_seconds: float = Field(300.0, gt=0, description="How often the audit chain is walked.")
    log_level: str = "INFO"
    home: Path | None = None

    @field_validator("allowed_hosts", "feed_pairs", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("admin_token", "researcher_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MINIMUM_TOKEN:
            raise ValueError(f"expected at least {MINIMUM_TOKEN} characters")
        return value

    @field_validator("proxy_secret")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MINIMUM_SECRET:
            raise ValueError(f"expected at least {MINIMUM_SECRET} characters")
        return value

    @field_validator("rate_limit")
    @classmethod
    def _is_limit(cls, value: str) -> str:
        parse(value)
        return value

    @field_validator("rate_store")
    @classmethod
    def _is_store(cls, value: str) -> str:
        try:
            store = storage_from_string(value)
        except ConfigurationError:  # its text repeats the address, which may hold a password
            scheme = value.partition("://")[0][:40]
            raise ValueError(f"expected a store that can be used here, not {scheme}") from None
        if not isinstance(store, aio.storage.Storage):
            raise ValueError("expected a store whose name begins with async+")  # noqa: TRY004 - a wrong value
        return value

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, value: str) -> str:
        if value.upper() not in logging.getLevelNamesMapping():
            raise ValueError("expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
        return value

    @field_validator("exchange")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        try:
            find_addresses(value)
        except InputError as error:
            raise ValueError(f"expected {error.expected}") from None
        return value

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK
