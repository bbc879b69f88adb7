"""`eruv doctor`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser
from eruv.cli.output import show_problems


def arguments(parser: Parser) -> None:
    pass


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(f"python {result['python']} on {result['platform']}")
    console.print(", ".join(f"{name} {number}" for name, number in result["versions"].items()))
    console.print(f"devices: {', '.join(result['devices'])}")
    console.print(f"{result['cores']} cores, {result['threads']} torch threads")
    console.print(
        f"{result['free_memory_gb']} of {result['memory_gb']} GB memory free, "
        f"{result['free_disk_gb']} GB disk free here"
    )
    known = ", ".join(name for name, present in result["codecs"].items() if present)
    console.print(f"codecs: {known}")
    console.print(f"shot detection: {result['shot_detector_ms']} ms per frame on one core")
    show_problems(console, result["problems"])
