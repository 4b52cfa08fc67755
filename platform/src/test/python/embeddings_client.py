"""The official OpenAI client against an encoder's service: embeddings_client.py ADDRESS."""

import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none", max_retries=0, timeout=30)
model = client.models.list().data[0].id
told = client.embeddings.create(model=model, input=["abc", "z"])
assert [list(one.embedding) for one in told.data] == [[3.0, 97.0], [1.0, 122.0]], told
plain = client.embeddings.create(model=model, input="abc", encoding_format="float")
assert list(plain.data[0].embedding) == [3.0, 97.0] and plain.usage.total_tokens == 3, plain
try:
    client.embeddings.create(model=model, input="abc", dimensions=1)
    raise SystemExit("dimensions were not refused")
except openai.BadRequestError as problem:
    assert problem.param == "dimensions", problem
