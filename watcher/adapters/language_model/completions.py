"""Asks a model by the chat completions of OpenAI's interface, which llama.cpp, Ollama, vLLM and others speak too.

The form of the answer is asked for as a JSON Schema (`response_format`), so that a model can hardly miss it. Neither
`temperature` nor a number of tokens is sent: some models refuse the one and some the other.
https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from watcher.adapters import exchange
from watcher.adapters.exchange import Answer, Endpoint, post
from watcher.domain.opinion.question import Question
from watcher.errors import TryAgain


def endpoint(url: str) -> Endpoint:
    """The chat completions below a web address that was checked before."""
    return exchange.endpoint(f"{url.rstrip('/')}/chat/completions")


@dataclass(frozen=True, slots=True)
class Completions:
    """Implements `opinions.LanguageModel`. `host` is "" for this machine."""

    endpoint: Endpoint
    model: str
    host: str
    key: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The model and where it runs."""
        return f"{self.endpoint.host}:{self.endpoint.port}{self.endpoint.path} {self.model}"

    def ask(self, asked: Question, within: timedelta, stop: Callable[[], bool]) -> str:
        """The model's answer. Raises TryAgain."""
        seconds = within.total_seconds()
        if seconds <= 0:
            raise TryAgain("no time is left")
        body = json.dumps(self._body(asked)).encode("ascii")
        return _words(post(self.endpoint, self._fields(), body, seconds, stop))

    def _fields(self) -> dict[str, str]:
        fields = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
        return fields | ({"Authorization": f"Bearer {self.key}"} if self.key else {}) | {"User-Agent": "watcher"}

    def _body(self, asked: Question) -> dict[str, Any]:
        schema = {"name": "opinion", "strict": True, "schema": asked.schema}
        return {
            "model": self.model,
            "messages": [{"role": "system", "content": asked.task}, {"role": "user", "content": asked.data}],
            "response_format": {"type": "json_schema", "json_schema": schema},
            "stream": False,
        }


def _words(answer: Answer) -> str:
    """What the model said, out of the answer around it. Raises TryAgain; nothing of the answer is told."""
    if answer.status != 200:
        raise TryAgain(_refusal(answer.status), wait=answer.retry_after)
    if answer.fields.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise TryAgain("its answer is no JSON by its own word (Content-Type)")
    try:
        choice = json.loads(answer.body)["choices"][0]
        words, ends, refusal = choice["message"]["content"], choice["finish_reason"], choice["message"].get("refusal")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise TryAgain("its answer has not the form of a chat completion") from None
    is_whole = isinstance(words, str) and ends == "stop" and not refusal
    return words if is_whole else ""


def _refusal(status: int) -> str:
    if status in {401, 403}:
        return f"it refuses the key (HTTP {status}): see WATCHER_LLM_KEY"
    if 300 <= status < 400:
        return f"it sends elsewhere (HTTP {status}), which is not followed: see WATCHER_LLM_URL"
    if status == 404:
        return "it knows no such address or model (HTTP 404): see WATCHER_LLM_URL and WATCHER_LLM_MODEL"
    return f"it answers HTTP {status}"
