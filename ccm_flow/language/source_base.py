"""What the source models are made of: strict groups of settings and texts with a small grammar."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag


def one_of(words: type[StrEnum], *more: str) -> dict[str, Any]:
    """Offer words to editors; the check itself suggests the nearest one."""
    return {"enum": [*more, *(word.value for word in words)]}


def ids_to_bodies(value: Any) -> Any:
    """Take the short form, a list of ids, for a mapping of ids without bodies."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return dict.fromkeys(value)
    return value


def shape(value: Any) -> str:
    """Tell a text from a group of settings."""
    return "parts" if isinstance(value, (dict, BaseModel)) else "text"


def _list_shape(value: Any) -> str:
    return "list" if isinstance(value, list) else "text"


_UNIT = "(business |working )?(minute|hour|day|week)s?"
BUDGET_PATTERN = rf"^\s*[0-9]+ *{_UNIT}\s*$"
DATE_PATTERN = (
    r"^\s*(month end|(business )?day -?[0-9]+)(\s*[-+]\s*[0-9]+ .+)?\s*$"
    r"|^\s*documentation (start|end)\s*$"
)
RUNG_PATTERN = rf"^\s*(when due|[0-9]+ *{_UNIT} (before|late))\s*$"
ACT_PATTERN = r"^\s*(remind owner|(notify|reassign)( to)? \S+|expire( as \S+)?)\s*$"
_DUE_PATTERN = f"{BUDGET_PATTERN}|{DATE_PATTERN}"
_HOURS_PATTERN = r"^\s*[0-9]{1,2}:[0-9]{2}\s*-\s*[0-9]{1,2}:[0-9]{2}\s*$"
_PROTECTED_PATTERN = r"^\s*[0-9]+ (minute|hour)s? per (business day|week)\s*$"


def _like(pattern: str, *examples: str) -> Any:
    """Tell editors how a text is written; the check itself says what is wrong with it."""
    return Field(json_schema_extra={"pattern": pattern, "examples": list(examples)})


Text = Annotated[str, Field(min_length=1, max_length=500)]
BudgetText = Annotated[Text, _like(BUDGET_PATTERN, "2 business days", "1 week")]
DateText = Annotated[Text, _like(DATE_PATTERN, "business day 8", "day 15", "month end")]
DueText = Annotated[Text, _like(_DUE_PATTERN, "3 business days", "business day 8")]
WorkText = Annotated[Text, _like(r"^\s*[0-9]+ (minute|hour)s?\s*$", "12 minutes")]
HoursText = Annotated[Text, _like(_HOURS_PATTERN, "09:00-19:00")]
ProtectedText = Annotated[Text, _like(_PROTECTED_PATTERN, "2 hours per business day")]
TemplateText = Annotated[Text, _like(r"^[a-z0-9_]+(/[a-z0-9_]+)*$", "outreach/monthly_call")]
TextOrList = Annotated[
    Annotated[Text, Tag("text")] | Annotated[list[Text], Tag("list")],
    Discriminator(_list_shape),
]
TextOrReasons = Annotated[
    Annotated[Text, Tag("text")] | Annotated[dict[str, Text], Tag("parts")],
    Discriminator(shape),
]


def _describe_rung(schema: dict[str, Any]) -> None:
    schema["items"] = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "propertyNames": {"pattern": RUNG_PATTERN},
        "additionalProperties": {"type": "string", "pattern": ACT_PATTERN},
    }


Ladder = Annotated[list[dict[str, Text]], Field(json_schema_extra=_describe_rung)]


class Source(BaseModel):
    """A group of settings: nothing unknown, nothing of another type, nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
