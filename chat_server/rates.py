"""How often one conversation may speak: a bucket that refills, shared by the gateways where there is Redis."""

import time
from collections.abc import Callable
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

PER_SECOND = 1.0
BURST = 5
FORGET_AFTER_S = 60.0
ANSWER_WITHIN_S = 0.25
"""A Redis that takes longer is gone: a parent does not wait for it."""
TRY_AGAIN_AFTER_S = 1.0

BUCKET = """
local now = redis.call("TIME")
local at = now[1] + now[2] / 1000000
local per_second, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call("HMGET", KEYS[1], "left", "at")
local left = burst
if kept[1] then
  left = math.min(burst, tonumber(kept[1]) + math.max(0, at - tonumber(kept[2])) * per_second)
end
if left < 1 then
  return math.max(1, math.floor((1 - left) / per_second * 1000))
end
redis.call("HSET", KEYS[1], "left", tostring(left - 1), "at", string.format("%.6f", at))
redis.call("EXPIRE", KEYS[1], math.ceil(burst / per_second) + 1)
return 0
"""
"""The same bucket by the clock of Redis, so that gateways whose clocks differ agree; gone once it would be full again."""


class Rates(Protocol):
    """Takes one message: 0 when it may be said now, else the milliseconds to wait."""

    async def take(self, conversation_id: str) -> int: ...
    def sweep(self) -> None: ...
    async def close(self) -> None: ...


class OwnRates:
    """Buckets of this process. One that has refilled is forgotten, so quiet conversations cost nothing."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}

    async def take(self, conversation_id: str) -> int:
        now = self._monotonic()
        left, at = self._buckets.get(conversation_id, (float(BURST), now))
        left = min(float(BURST), left + (now - at) * PER_SECOND)
        if left < 1:
            return max(1, int((1 - left) / PER_SECOND * 1000))
        self._buckets[conversation_id] = (left - 1, now)
        return 0

    def sweep(self) -> None:
        """Forget buckets that have long refilled."""
        before = self._monotonic() - FORGET_AFTER_S
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket[1] > before}

    async def close(self) -> None:
        return None


class SharedRates:
    """Buckets in Redis: a parent on two gateways has one. While Redis is gone each gateway has its own."""

    def __init__(self, url: str, prefix: str, own: OwnRates | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S, retry=None)
        self._bucket = self._redis.register_script(BUCKET)
        self._prefix = prefix
        self._own = own or OwnRates()
        self._monotonic = monotonic
        self._gone_until = 0.0

    async def take(self, conversation_id: str) -> int:
        if self._monotonic() >= self._gone_until:
            try:
                return int(await self._bucket(keys=[f"{self._prefix}:rate:{conversation_id}"], args=[PER_SECOND, BURST]))
            except (RedisError, OSError) as lost:
                self._gone_until = self._monotonic() + TRY_AGAIN_AFTER_S
                log.info("shared_rates_lost", error=type(lost).__name__)
        return await self._own.take(conversation_id)

    def sweep(self) -> None:
        self._own.sweep()

    async def close(self) -> None:
        await self._redis.aclose()
