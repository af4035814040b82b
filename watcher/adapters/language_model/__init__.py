"""A language model behind an OpenAI-compatible endpoint (extra `llm`), and what is kept of its opinions."""

from watcher.adapters.language_model.completions import Completions, endpoint
from watcher.adapters.language_model.kept import OpinionFile

__all__ = ["Completions", "OpinionFile", "endpoint"]
