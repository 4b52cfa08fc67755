"""Writes core/src/test/resources/dev/slipway/tokenizer/chat/templates.json.gz: what transformers gives for conversations by
the published chat templates that lie in llama-cpp-python's source package (vendor/llama.cpp/models/templates), and
templates' SHA-256. The templates themselves are not in the repository; the test fetches them. Pinned:
transformers==5.23.0, Jinja2==3.1.6, llama-cpp-python==0.3.36, on Python 3.11.

Usage: python reference/chat_templates.py FOLDER_OF_TEMPLATES
"""
import copy
import datetime
import gzip
import hashlib
import json
import re
import sys
from pathlib import Path

from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils
from tokenizers import Tokenizer, models

TARGET = Path(__file__).parents[1] / "core/src/test/resources/dev/slipway/tokenizer/chat/templates.json.gz"
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city, \"now\" or <later>.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "The city's name, e.g. Zürich."},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                "days": {"type": ["integer", "null"], "minimum": 1},
                "at": {"type": "array", "items": {"type": "string"}},
                "place": {"type": "object", "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}}},
                "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
            },
            "required": ["city"],
        },
    },
}
SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Search the web.",
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for."},
                "limit": {"type": "integer", "description": "How many at most."},
                "safe": {"type": "boolean"},
                "sites": {"type": "array", "items": {"type": "string"}},
                "filter": {"type": "object", "properties": {"year": {"type": "integer"}}},
            },
            "required": ["query"],
        },
        "return": {"type": "string", "description": "Pages."},
    },
}
CLOCK = {
    "type": "function",
    "function": {"name": "clock", "description": "The time.", "parameters": {"type": "object", "properties": {}}},
}
SYSTEM = {"role": "system", "content": "You are a careful assistant. Answer in one sentence."}


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


def call(name, arguments, id="call_1abc2def3"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


CALLS = [
    SYSTEM,
    user("What is the weather in Zürich?"),
    assistant("", tool_calls=[call("get_weather", {"city": "Zürich", "unit": "celsius", "days": 2})]),
    {"role": "tool", "tool_call_id": "call_1abc2def3", "name": "get_weather", "content": "{\"temp\": 21.5, \"sky\": \"klar ☀\"}"},
    assistant("It is 21.5 °C and clear."),
    user("And in Oslo?"),
]
CONVERSATIONS = {
    "user": {"messages": [user("Hello!")], "add_generation_prompt": True},
    "user-no-prompt": {"messages": [user("Hello!")]},
    "system": {"messages": [SYSTEM, user("Why is the sky blue?")], "add_generation_prompt": True},
    "turns": {
        "messages": [SYSTEM, user("Hi"), assistant("Hello, what can I do?"), user("  Count to 3.\n"), assistant("1\n2\n3 "), user("Go on")],
        "add_generation_prompt": True,
    },
    "turns-no-prompt": {"messages": [user("Hi"), assistant("Hello."), user("Bye"), assistant("Good bye.")]},
    "not-latin": {
        "messages": [user("你好，世界! Привет, мир. مرحبا بالعالم 🙂👩‍👩‍👧 é e\u0301"), assistant("नमस्ते दुनिया — ½ \u200b ＡＢ"), user("İstanbul'da hava nasıl? ıIiİ")],
        "add_generation_prompt": True,
    },
    "reasoning": {
        "messages": [
            user("What is 2 + 2?"),
            assistant("It is 4.", reasoning_content="The user asks for a sum.\n2 + 2 = 4."),
            user("And 3 + 3?"),
            assistant("6", reasoning_content="Three and three."),
        ],
    },
    "reasoning-inline": {
        "messages": [user("2 + 2?"), assistant("<think>\nEasy.\n</think>\n\n4"), user("3 + 3?")],
        "add_generation_prompt": True,
    },
    "thinking-off": {
        "messages": [SYSTEM, user("2 + 2?")],
        "add_generation_prompt": True,
        "chat_template_kwargs": {"enable_thinking": False, "thinking": False, "reasoning_effort": "low"},
    },
    "thinking-on": {
        "messages": [SYSTEM, user("2 + 2?")],
        "add_generation_prompt": True,
        "chat_template_kwargs": {"enable_thinking": True, "thinking": True, "reasoning_effort": "high"},
    },
    "tools-offered": {"messages": [SYSTEM, user("Weather?")], "tools": [WEATHER, CLOCK], "add_generation_prompt": True},
    "tools-no-system": {"messages": [user("Weather?")], "tools": [WEATHER], "add_generation_prompt": True},
    "tools-plain": {
        "messages": [SYSTEM, user("Find cats."), assistant("", tool_calls=[call("search", {"query": "cats", "limit": 3, "safe": True, "sites": ["a", "b"]})]), {"role": "tool", "tool_call_id": "call_1abc2def3", "name": "search", "content": "None."}],
        "tools": [SEARCH],
        "add_generation_prompt": True,
    },
    "tools-plain-no-system": {"messages": [user("Find cats.")], "tools": [SEARCH, CLOCK], "add_generation_prompt": True},
    "tools-used": {"messages": CALLS, "tools": [WEATHER, CLOCK], "add_generation_prompt": True},
    "tools-used-no-list": {"messages": CALLS[:5]},
    "tools-string-arguments": {
        "messages": [user("Time?"), assistant("", tool_calls=[call("clock", "{\"zone\": \"UTC\"}")]), {"role": "tool", "tool_call_id": "call_1abc2def3", "content": "12:00"}],
        "tools": [CLOCK],
        "add_generation_prompt": True,
    },
    "tools-two-at-once": {
        "messages": [
            user("Compare Rome and Oslo."),
            assistant(
                "Let me look.",
                reasoning_content="Two calls.",
                tool_calls=[call("get_weather", {"city": "Rome"}, "callAAAA1"), call("get_weather", {"city": "Oslo", "at": ["x", "y"], "place": {"lat": 1.5, "lon": -2}}, "callBBBB2")],
            ),
            {"role": "tool", "tool_call_id": "callAAAA1", "name": "get_weather", "content": "30"},
            {"role": "tool", "tool_call_id": "callBBBB2", "name": "get_weather", "content": "10"},
            assistant("Rome is warmer."),
        ],
        "tools": [WEATHER],
    },
    "tools-null-content": {
        "messages": [user("Time?"), {"role": "assistant", "content": None, "tool_calls": [call("clock", {}, "call00001")]}, {"role": "tool", "name": "clock", "tool_call_id": "call00001", "content": "noon"}],
        "tools": [CLOCK],
        "add_generation_prompt": True,
    },
    "parts": {
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
            user([{"type": "text", "text": "Look: "}, {"type": "image"}, {"type": "text", "text": "what is it?"}]),
            assistant([{"type": "text", "text": "A cat."}]),
            user([{"type": "text", "text": "Sure?"}]),
        ],
        "add_generation_prompt": True,
    },
    "empty": {"messages": [{"role": "system", "content": ""}, user(""), assistant(""), user("x")], "add_generation_prompt": True},
    "special-text": {
        "messages": [user("<|im_start|>system\n{{ 7 * 7 }} {% if true %}</s>[INST] \"quoted\" \\n 'single' \t<b>&amp;</b>\r\nend"), assistant("line 1\n\nline 2\n")],
    },
    "documents": {
        "messages": [user("What does the paper say?")],
        "documents": [{"title": "Paper", "text": "It says \"yes\"."}, {"title": "Other", "text": "No."}],
        "add_generation_prompt": True,
    },
    "wrong-order": {"messages": [assistant("I begin."), user("Why?"), user("Twice!")], "add_generation_prompt": True},
    "unknown-role": {"messages": [user("x"), {"role": "critic", "content": "y"}]},
    "developer": {"messages": [{"role": "developer", "content": "Talk like a pirate."}, user("Hi")], "add_generation_prompt": True},
    "no-content": {"messages": [user("x"), {"role": "assistant"}]},
    "continue": {"messages": [user("Tell a tale."), assistant("Once upon a ")], "continue_final_message": True},
}


class Now(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 2, 5, 15, 4, 9, 123456)


def tokenizer():
    made = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    for role, token in TOKENS.items():
        setattr(made, role, token)
    assert made.special_tokens_map == TOKENS, made.special_tokens_map
    return made


def run(tokenizer, template, conversation):
    arguments = copy.deepcopy(conversation)
    messages = arguments.pop("messages")
    arguments.update(arguments.pop("chat_template_kwargs", {}))
    try:
        return {"text": tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, **arguments)}
    except Exception as e:
        message = str(getattr(e, "message", None) or e)
        return {"error": type(e).__name__, "message": re.sub(r" \(<template>, line \d+\)$", "", message)}


def main():
    chat_template_utils.datetime = Now
    folder = Path(sys.argv[1])
    fast = tokenizer()
    templates = {}
    for file in sorted(folder.glob("*.jinja")):
        template = file.read_bytes().decode("utf-8")
        templates[file.name] = {
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "results": {name: run(fast, template, conversation) for name, conversation in CONVERSATIONS.items()},
        }
    document = {"tokens": TOKENS, "conversations": CONVERSATIONS, "templates": templates}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(gzip.compress(json.dumps(document, indent=0).encode("ascii"), 9, mtime=0))
    results = [result for template in templates.values() for result in template["results"].values()]
    print(len(templates), "templates", len(results), "results", sum("error" in r for r in results), "refusals", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
