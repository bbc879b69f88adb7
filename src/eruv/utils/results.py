"""What commands return: small records that become plain JSON values."""

from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Result:
    """Base of what every command returns; a subclass is a frozen dataclass and names its fields."""

    def to_dict(self) -> dict[str, Any]:
        """Exactly what `--json` prints: dicts with text keys, lists, text, numbers and None."""
        plain: dict[str, Any] = _plain(self)
        return plain


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value
