"""The handbook as one HTML page that prints well."""

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ccm_flow.drawing.handbook_pages import Handbook


def handbook_html(book: Handbook, template: str) -> str:
    """
    Give the handbook as a page that stands alone.

    Args:
        book: what it says.
        template: the text of `templates/handbook/handbook.html.j2`.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Pictures are SVG made by this package, with every text of a playbook escaped.
    drawings = [Markup(drawing) for drawing in book.drawings]  # noqa: S704 - see above
    return environment.from_string(template).render(book=book, drawings=drawings)
