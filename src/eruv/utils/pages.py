"""How pages are made of templates: everything escaped, nothing undefined."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from eruv.utils import numbers

FILTERS = (
    numbers.percent,
    numbers.count,
    numbers.compact,
    numbers.duration,
    numbers.hours,
    numbers.plural,
)


def page_environment(*packages: str) -> Environment:
    """An environment with the templates of packages, and with those of the report behind them."""
    # Escaping is always on: names of files are written by whoever made the files.
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (*packages, "eruv.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({one.__name__: one for one in FILTERS})
    return environment
