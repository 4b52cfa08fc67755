"""Schemas as people's tools write them: pydantic, OpenAI's strict mode, LangChain's tools.

Run: python reference/real_schemas.py write > core/src/test/resources/dev/slipway/infer/grammar/real_schemas.json
     python reference/real_schemas.py check < ANSWERS
     python reference/real_schemas.py validate SCHEMAS < ANSWERS
(with reference/schema-requirements.txt installed; check needs pydantic[email] alone)

ANSWERS has a JSON array a line: the schema's name and the text of an answer. `check` has pydantic read each into the
model that the schema was made of, `validate` has jsonschema judge it, formats included. Both print how many are right, numbers read as decimals: 1.4 is a multiple of 0.0001.
"""

import datetime
import decimal
import enum
import json
import sys
import uuid
from typing import Annotated, Generic, Literal, NamedTuple, Optional, TypeVar, Union

from pydantic import AnyUrl, BaseModel, ConfigDict, EmailStr, Field, RootModel, TypeAdapter, WithJsonSchema, conint, conlist, constr
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

try:
    import email_validator  # noqa: F401, which pydantic asks of an EmailStr

    Mail = EmailStr
except ImportError:
    Mail = Annotated[str, WithJsonSchema({"type": "string", "format": "email"})]


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    street: str
    zip: constr(pattern=r"^\d{5}$")
    country: Literal["de", "fr", "us"] = "de"


class Person(BaseModel):
    """Someone who orders."""

    name: str = Field(min_length=1, max_length=80, description="as in the passport")
    age: Optional[conint(ge=0, le=130)] = None
    address: Optional[Address] = None
    nicknames: list[str] = []
    favourite: Colour
    level: Level = Level.LOW


class Formats(BaseModel):
    id: uuid.UUID
    mail: Mail
    site: AnyUrl
    born: datetime.date
    at: datetime.datetime
    noon: datetime.time


class Price(BaseModel):
    amount: decimal.Decimal
    share: Annotated[decimal.Decimal, Field(max_digits=6, decimal_places=2, ge=0)]
    rate: Annotated[float, Field(gt=0, lt=1)]
    step: Annotated[int, Field(multiple_of=5)]


class Duration(BaseModel):
    takes: datetime.timedelta


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    breed: str
    barks: bool


class Household(BaseModel):
    pets: list[Annotated[Union[Cat, Dog], Field(discriminator="kind")]]
    first: Annotated[Union[Cat, Dog], Field(discriminator="kind")]


class Shelter(BaseModel):
    resident: Union[Cat, Dog, None]
    number: Union[int, str, list[float]]


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Expression(BaseModel):
    operator: Literal["+", "*"]
    left: Union["Expression", float]
    right: Union["Expression", float]


class Folder(BaseModel):
    name: str
    parent: Optional["Folder"] = None
    entries: dict[str, "Folder"] = {}


class Counts(BaseModel):
    words: dict[str, int]
    by_code: dict[constr(pattern=r"^[A-Z]{2}$"), list[int]]
    anything: dict
    whatever: object = None


class Pair(NamedTuple):
    x: float
    y: float


class Tuples(BaseModel):
    point: tuple[float, float]
    entry: tuple[str, int, bool]
    many: tuple[int, ...]
    named: Pair
    few: conlist(str, min_length=1, max_length=3)
    codes: set[Literal["a", "b", "c"]]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    first: str = Field(alias="firstName")
    pattern: Annotated[str, Field(pattern=r"^(?:\+?\d{1,3}[ -]?)?\d{3,12}$")]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: int


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: Optional[str] = None


class Movie(TypedDict, total=False):
    title: str
    year: int


@dataclass
class Point:
    x: int
    y: int = 0


class Step(BaseModel):
    explanation: str
    output: str


class Reasoning(BaseModel):
    steps: list[Step]
    final_answer: str


class Event(BaseModel):
    name: str
    date: str
    participants: list[str]


class Interface(BaseModel):
    type: Literal["div", "button", "field"]
    label: str
    children: list["Interface"]


class Search(BaseModel):
    """Looks something up."""

    query: str = Field(description="what to look for")
    limit: int = Field(default=10, ge=1, le=50)
    filters: Optional[dict[str, Union[str, int, bool]]] = None


PYDANTIC = [Person, Formats, Price, Duration, Household, Shelter, Tree, Expression, Folder, Counts, Tuples, Strict, Open,
            Page[Person], Movie, Point, Reasoning, Event, Interface, Search, RootModel[list[Union[Cat, Dog]]],
            list[Person], Union[Cat, Dog], Optional[Literal["a", 1, None, True]]]
STRICT = [Reasoning, Event, Interface, Person, Household, Shelter, Tree]
TOOLS = [Search, Person, Household, Tree]

# Of these the schema says less than the model: a Decimal's text is any, and LangChain cuts a model in itself off.
LOOSER = ["pydantic Price", "langchain Tree"]


def name(kind, model):
    return f"{kind} {getattr(model, '__name__', None) or model}"


def models():
    return {name(kind, model): model for kind, all in (("pydantic", PYDANTIC), ("openai", STRICT), ("langchain", TOOLS)) for model in all}


def write():
    from langchain_core.utils.function_calling import convert_to_openai_tool
    from openai.lib._pydantic import to_strict_json_schema

    schemas = {name("pydantic", model): TypeAdapter(model).json_schema() for model in PYDANTIC}
    schemas |= {name("openai", model): to_strict_json_schema(model) for model in STRICT}
    schemas |= {name("langchain", model): convert_to_openai_tool(model)["function"]["parameters"] for model in TOOLS}
    lines = [f"{json.dumps(key)}: {json.dumps(schema, ensure_ascii=False)}" for key, schema in schemas.items()]
    print("{" + ",\n".join(lines) + "}")


def check():
    known, right, wrong = models(), 0, 0
    for line in sys.stdin:
        key, text = json.loads(line)
        if key in LOOSER:
            continue
        try:
            TypeAdapter(known[key]).validate_json(text)
            right += 1
        except ValueError as error:
            wrong += 1
            print(f"{key}: {text}: {error}", file=sys.stderr)
    print(f"{right} right, {wrong} wrong")


def validate():
    import jsonschema

    schemas = json.load(open(sys.argv[2]), parse_float=decimal.Decimal)
    right, wrong = 0, 0
    for line in sys.stdin:
        key, text = json.loads(line)
        validator = jsonschema.Draft202012Validator
        errors = list(validator(schemas[key], format_checker=validator.FORMAT_CHECKER)
                      .iter_errors(json.loads(text, parse_float=decimal.Decimal)))
        right += not errors
        wrong += bool(errors)
        for error in errors:
            print(f"{key}: {text}: {error.message}", file=sys.stderr)
    print(f"{right} right, {wrong} wrong")


if __name__ == "__main__":
    {"write": write, "check": check, "validate": validate}[sys.argv[1]]()
