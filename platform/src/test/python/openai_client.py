"""The official OpenAI client against a running service: openai_client.py ADDRESS.

Prints a line for each thing that holds and ends with 0, or fails at the first that does not.
"""

import json
import sys
from typing import Literal, Optional

import openai
import pydantic

address = sys.argv[1]
client = openai.OpenAI(base_url=address + "/v1", api_key="none", max_retries=0, timeout=30)
model = client.models.list().data[0].id


def complete(**more):
    return client.completions.create(**({"model": model, "prompt": "public int size() {", "max_tokens": 8} | more))


def refused(kind, **more):
    try:
        complete(**more)
    except kind as problem:
        return problem
    raise AssertionError(f"{more} was not refused")


def holds(what, condition):
    assert condition, what
    print("ok", what)


card = client.models.retrieve(model)
holds("models", card.id == model and card.owned_by == "slipway" and len(card.tokenizer_fingerprint) == 64)

one = complete(temperature=0)
holds("completion", one.object == "text_completion" and one.id.startswith("cmpl-") and len(one.choices) == 1)
holds("usage", one.usage.total_tokens == one.usage.prompt_tokens + one.usage.completion_tokens)
holds("finish reason", one.choices[0].finish_reason in ("stop", "length"))
holds("greedy twice", complete(temperature=0).choices[0].text == one.choices[0].text)

chunks = list(complete(temperature=0, stream=True, stream_options={"include_usage": True}))
text = "".join(choice.text for chunk in chunks for choice in chunk.choices)
holds("stream", text == one.choices[0].text and len(chunks) > 2)
holds("stream usage", chunks[-1].usage == one.usage and chunks[0].usage is None)

several = complete(n=3, seed=11, temperature=1.5)
holds("n", [choice.index for choice in several.choices] == [0, 1, 2])
holds("seed", [c.text for c in complete(n=3, seed=11, temperature=1.5).choices] == [c.text for c in several.choices])
holds("seeds differ", len({choice.text for choice in several.choices}) > 1)

scored = complete(temperature=0, logprobs=2).choices[0].logprobs
holds("logprobs", len(scored.tokens) == len(scored.token_logprobs) == len(scored.top_logprobs) == len(scored.text_offset))
holds("greedy is likeliest", all(abs(max(top.values()) - own) < 1e-6 for top, own in zip(scored.top_logprobs, scored.token_logprobs)))

echoed = complete(temperature=0, echo=True)
holds("echo", echoed.choices[0].text == "public int size() {" + one.choices[0].text)
prompt_only = complete(echo=True, logprobs=0, max_tokens=0).choices[0]
holds("echo scores", "".join(prompt_only.logprobs.tokens) == prompt_only.text == "public int size() {")

whole = complete(temperature=0, max_tokens=24).choices[0].text
stop = whole[len(whole) // 2 :][:2]
stopped = complete(temperature=0, max_tokens=24, stop=[stop]).choices[0]
holds("stop", stopped.text == whole[: whole.index(stop)] and stopped.finish_reason == "stop")

batch = complete(prompt=["public", "for (int"], temperature=0)
holds("prompts", len(batch.choices) == 2)
ids = complete(prompt=[0, 65, 66], temperature=0)
holds("token ids", ids.usage.prompt_tokens == 3)
extra = complete(extra_body={"top_k": 1, "min_p": 0.1, "repetition_penalty": 1.1}, top_p=0.9)
holds("sampling", extra.usage.completion_tokens >= 0)

error = refused(openai.BadRequestError, temperature=3)
holds("error of a field", error.param == "temperature" and error.type == "invalid_request_error")
holds("error of an unknown field", refused(openai.BadRequestError, extra_body={"max_token": 5}).param == "max_token")
holds("error of the context", refused(openai.BadRequestError, max_tokens=100000).code == "context_length_exceeded")
holds("error of best_of", refused(openai.BadRequestError, best_of=4).param == "best_of")
holds("error of suffix", refused(openai.BadRequestError, suffix="x").param == "suffix")
missing = refused(openai.NotFoundError, model="another")
holds("error of the model", missing.code == "model_not_found" and model in missing.message)

messages = [{"role": "user", "content": "hello"}]
talk = client.chat.completions.create(model=model, messages=messages, temperature=0, max_tokens=8)
holds("chat", talk.choices[0].message.role == "assistant" and talk.object == "chat.completion")
pieces = list(
    client.chat.completions.create(
        model=model, messages=messages, temperature=0, max_tokens=8, stream=True, stream_options={"include_usage": True}
    )
)
told = "".join(choice.delta.content or "" for piece in pieces for choice in piece.choices)
holds("chat stream", told == talk.choices[0].message.content and pieces[-1].usage == talk.usage)
same = client.completions.create(model=model, prompt="user: hello\nassistant:", temperature=0, max_tokens=8)
holds("chat is the template's text", same.choices[0].text == told)


class Verdict(pydantic.BaseModel):
    label: Literal["good", "bad"]
    sure: bool
    other: Optional[Literal["good", "bad"]]


verdict = client.chat.completions.parse(model=model, messages=messages, max_tokens=100, response_format=Verdict)
holds("parsed answer", isinstance(verdict.choices[0].message.parsed, Verdict))


def chat(**more):
    return client.chat.completions.create(**({"model": model, "messages": messages, "max_tokens": 8} | more))


three = chat(n=3, seed=11, temperature=1.5)
holds("chat n", [choice.index for choice in three.choices] == [0, 1, 2] and three.usage.completion_tokens <= 24)
holds("chat seed", [c.message.content for c in chat(n=3, seed=11, temperature=1.5).choices] == [c.message.content for c in three.choices])
weighed = chat(temperature=0, logprobs=True, top_logprobs=3).choices[0].logprobs.content
holds("chat logprobs", len(weighed) > 0 and all(len(one.top_logprobs) == 3 and one.logprob <= 0 for one in weighed))
holds("chat logprobs are bytes", b"".join(bytes(one.bytes) for one in weighed).decode(errors="replace").startswith(told[:4]))
half = told[len(told) // 2 :][:2]
cut = chat(temperature=0, stop=half).choices[0]
holds("chat stop", cut.message.content == told[: told.index(half)] and cut.finish_reason == "stop")

tools = [
    {
        "type": "function",
        "function": {
            "name": "light",
            "description": "Switches the light.",
            "parameters": {
                "type": "object",
                "properties": {"on": {"type": "boolean"}, "room": {"enum": ["hall", "attic"]}},
                "required": ["on", "room"],
                "additionalProperties": False,
            },
        },
    }
]
for choose in ("required", {"type": "function", "function": {"name": "light"}}):
    called = chat(tools=tools, tool_choice=choose, max_tokens=120, seed=1).choices[0]
    call = called.message.tool_calls[0]
    arguments = json.loads(call.function.arguments)
    holds("tool call", call.type == "function" and call.function.name == "light" and call.id)
    holds("tool arguments", isinstance(arguments["on"], bool) and arguments["room"] in ("hall", "attic"))
    holds("tool finish", called.finish_reason == ("tool_calls" if choose == "required" else "stop"))
with client.chat.completions.stream(
    model=model, messages=messages, tools=tools, tool_choice="required", max_tokens=120, seed=1
) as events:
    final = events.get_final_completion().choices[0].message.tool_calls[0]
holds("tool stream", final.function.name == "light" and isinstance(json.loads(final.function.arguments)["on"], bool))
answered = messages + [
    {"role": "assistant", "tool_calls": [{"id": call.id, "type": "function", "function": {"name": "light", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": call.id, "content": "done"},
]
holds("tool answer", chat(messages=answered, tools=tools).choices[0].message.role == "assistant")
try:
    chat(tool_choice="required")
    raise AssertionError("a required call without tools was not refused")
except openai.BadRequestError as problem:
    holds("error of tools", problem.param == "tool_choice")
