"""Settings: one frozen object, read once from the environment, passed to whoever needs it."""

from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chat_server import seal


class Settings(BaseSettings):
    """All settings of the gateway; each is the environment variable `CHAT_<NAME>`.

    A value of the wrong type stops the start with the variable's name. `docs/settings.md` is made from here.
    """

    model_config = SettingsConfigDict(env_prefix="CHAT_", frozen=True, extra="ignore", validate_default=True)

    host: str = Field("127.0.0.1", description="Address on which the gateway listens")
    port: int = Field(8000, ge=0, le=65535, description="Port on which the gateway listens")
    data_dir: Path = Field(Path("./var"), description="Embedded database, generated secrets, models")
    database_url: str | None = Field(
        None, description="`postgresql://…` in production; an SQLite file in the data folder when absent"
    )
    redis_url: str | None = Field(
        None, description="`redis://…` for several gateways; one process with an in-memory bus when absent"
    )
    redis_prefix: str = Field(
        "options-chat", pattern=r"^[a-z0-9_-]{1,40}$",
        description="Begins every name in Redis. Two services on one Redis need two of them, or two numbered databases",
    )
    rasa_url: str | None = Field(
        None, description="The dialogue model's servers, separated by commas: each turn goes to the least busy that is well; started by `make run` when absent"
    )
    dialogue_servers: int = Field(1, ge=1, le=16, description="How many processes of the dialogue model `make run` starts")
    rasa_token: str | None = Field(None, description="Token that the dialogue model's channel asks for")
    opening_hours: str = Field(
        "standard", description="`standard`, `always`, `never` or the path of a YAML file with hours"
    )
    allowed_origins: str = Field(
        "", description="Origins, separated by commas, that may open a socket or embed the widget, beside the gateway's own"
    )
    wording_dir: Path = Field(Path("domain/wording"), description="Folder of the sentences that the service says")
    hello_within_s: float = Field(5.0, gt=0, description="Seconds that a new socket has to say hello")
    beat_every_s: float = Field(20.0, gt=0, description="Seconds between two beats on a quiet socket")
    silent_after_s: float = Field(900.0, gt=0, description="Seconds after which a socket that never speaks is closed")
    notice_after_s: float = Field(4.0, gt=0, description="Seconds after which a parent is told that the answer is still being worked on")
    turn_limit_s: float = Field(8.0, gt=0, description="Seconds after which a turn of the assistant has failed")
    request_within_s: float = Field(10.0, gt=0, description="Seconds in which a request has to arrive whole")
    sockets_per_conversation: int = Field(8, ge=1, description="Sockets that one conversation may hold open")
    outbox_limit_bytes: int = Field(256 * 1024, ge=1024, description="Waiting bytes after which a slow reader is closed")
    words_kept_days: int = Field(
        90, ge=1, description="Days after the last thing that happened in a conversation, after which its words are deleted; counts and audit stay"
    )
    retention_every_s: float = Field(
        3600.0, ge=0, description="Seconds between two runs of the retention rule; 0 switches it off, for as long as the law asks for that"
    )
    secrets_key: str | None = Field(
        None, description="Fernet key with which the secrets of agents' sign-in codes are encrypted in the store; several, separated by commas: the first encrypts, all decrypt"
    )
    oidc_issuer: str | None = Field(
        None, description="The organisation's OpenID Connect issuer, `https://…`: agents may sign in there. Off when absent"
    )
    oidc_client_id: str | None = Field(None, description="What the organisation calls this service; needed with `CHAT_OIDC_ISSUER`")
    oidc_client_secret: str | None = Field(None, description="Secret of this service at the organisation, where it has one")
    oidc_scopes: str = Field("openid email profile", description="Scopes that the organisation is asked for")
    oidc_email_claim: str = Field("email", description="Claim of the ID token that holds an agent's email address")
    oidc_role_claim: str | None = Field(
        None, description="Claim that holds roles or groups. With it the organisation decides who gets in, and as what: agents are added at their first sign-in. Without it only agents who exist get in, as what they are"
    )
    oidc_agent_value: str = Field("agent", description="Value of that claim that makes an agent")
    oidc_supervisor_value: str = Field("supervisor", description="Value of that claim that makes a supervisor")
    traces_url: str | None = Field(
        None, description="Where traces are sent, OTLP over HTTP, as in `http://collector:4318/v1/traces`; none are made when absent"
    )
    log_level: str = Field("INFO", description="Least level of log lines that are written")

    @field_validator("secrets_key")
    @classmethod
    def _is_a_key(cls, key: str | None) -> str | None:
        seal.Seal(key)
        return key

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, issuer: str | None) -> str | None:
        address = urlsplit(issuer or "https://none")
        if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost"):
            raise ValueError("an issuer begins with https://")
        return issuer

    @field_validator("oidc_client_id")
    @classmethod
    def _goes_with_its_issuer(cls, client: str | None, others: ValidationInfo) -> str | None:
        if others.data.get("oidc_issuer") and not client:
            raise ValueError("is needed with CHAT_OIDC_ISSUER")
        return client

    @cached_property
    def database(self) -> str:
        """The URL for SQLAlchemy, with the async driver named."""
        url = self.database_url
        if not url:
            return f"sqlite+aiosqlite:///{self.data_dir / 'chat.sqlite3'}"
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+asyncpg://" + url.removeprefix(plain)
        if url.startswith("sqlite://"):
            return "sqlite+aiosqlite://" + url.removeprefix("sqlite://")
        return url

    @cached_property
    def rasa_urls(self) -> tuple[str, ...]:
        """The addresses of the dialogue model's servers."""
        return tuple(url.strip() for url in (self.rasa_url or "").split(",") if url.strip())

    @cached_property
    def origins(self) -> frozenset[str]:
        """The configured extra origins, lower case, without a trailing slash."""
        return frozenset(o.strip().rstrip("/").lower() for o in self.allowed_origins.split(",") if o.strip())


ELSEWHERE = (
    ("CHAT_ACTIONS_URL", "started by `make run`", "Read by the dialogue model's server: the action server's `/webhook`"),
    ("CHAT_PYTHON", "found on the machine", "Read by `make`: the Python 3.11 or later for gateway, actions and tests"),
    ("CHAT_PYTHON310", "found on the machine", "Read by `make`: the Python 3.10 for Rasa"),
    ("FORWARDED_ALLOW_IPS", "`127.0.0.1`", "Read by uvicorn: addresses of proxies whose word on a browser's address is believed"),
)
PAGE = """# Settings

Environment variables, read once at the start. A value of the wrong type stops the start with the variable's name. This page is
made from `chat_server/settings.py` by `python -m chat_server settings > docs/settings.md`.

| Variable | Default | Meaning |
| --- | --- | --- |
{rows}
"""


def page() -> str:
    """`docs/settings.md`."""
    own = [(f"CHAT_{name.upper()}", _default(field.default), field.description) for name, field in Settings.model_fields.items()]
    return PAGE.format(rows="\n".join(f"| `{name}` | {default} | {meaning} |" for name, default, meaning in (*own, *ELSEWHERE)))


def _default(value: Any) -> str:
    return "none" if value in (None, "") else f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
