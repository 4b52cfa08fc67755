// The official OpenAI client for Node against a running service: node openai_client.mjs ADDRESS
import assert from "node:assert/strict";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2] + "/v1", apiKey: "none", maxRetries: 0, timeout: 30_000 });
const holds = (what, condition) => {
  assert.ok(condition, what);
  console.log("ok " + what);
};

const model = (await client.models.list()).data[0].id;
holds("models", (await client.models.retrieve(model)).owned_by === "slipway");

const complete = (more) => client.completions.create({ model, prompt: "public int size() {", max_tokens: 8, temperature: 0, ...more });
const one = await complete();
holds("completion", one.object === "text_completion" && one.choices.length === 1 && one.usage.total_tokens > 8);
let text = "", usage = null;
for await (const chunk of await complete({ stream: true, stream_options: { include_usage: true } })) {
  text += chunk.choices[0]?.text ?? "";
  usage = chunk.usage ?? usage;
}
holds("stream", text === one.choices[0].text && usage.total_tokens === one.usage.total_tokens);
const scored = await complete({ logprobs: 2 });
holds("logprobs", scored.choices[0].logprobs.tokens.length === scored.choices[0].logprobs.token_logprobs.length);

const messages = [{ role: "user", content: "hello" }];
const chat = (more) => client.chat.completions.create({ model, messages, max_tokens: 8, temperature: 0, ...more });
const talk = await chat();
holds("chat", talk.choices[0].message.role === "assistant" && talk.choices[0].message.content.length > 0);
const runner = client.chat.completions.stream({ model, messages, max_tokens: 8, temperature: 0, stream_options: { include_usage: true } });
holds("chat stream", (await runner.finalContent()) === talk.choices[0].message.content && (await runner.totalUsage()).total_tokens === talk.usage.total_tokens);
const three = await chat({ n: 3, seed: 11, temperature: 1.5 });
const again = await chat({ n: 3, seed: 11, temperature: 1.5 });
holds("n and seed", three.choices.length === 3 && three.choices.every((choice, i) => choice.message.content === again.choices[i].message.content));
const weighed = await chat({ logprobs: true, top_logprobs: 2 });
holds("chat logprobs", weighed.choices[0].logprobs.content[0].top_logprobs.length === 2);

const tools = [{ type: "function", function: { name: "light", parameters: { type: "object", properties: { on: { type: "boolean" } }, required: ["on"], additionalProperties: false } } }];
const called = await chat({ tools, tool_choice: "required", max_tokens: 100 });
holds("tool call", typeof JSON.parse(called.choices[0].message.tool_calls[0].function.arguments).on === "boolean" && called.choices[0].finish_reason === "tool_calls");
const calling = client.chat.completions.stream({ model, messages, tools, tool_choice: "required", max_tokens: 100, temperature: 0 });
const final = await calling.finalChatCompletion();
holds("tool stream", final.choices[0].message.tool_calls[0].function.arguments === called.choices[0].message.tool_calls[0].function.arguments);
const form = await chat({ max_tokens: 60, response_format: { type: "json_schema", json_schema: { name: "verdict", schema: { type: "object", properties: { good: { type: "boolean" } }, required: ["good"], additionalProperties: false } } } });
holds("response format", typeof JSON.parse(form.choices[0].message.content).good === "boolean");

await assert.rejects(complete({ temperature: 3 }), (error) => error instanceof OpenAI.BadRequestError && error.param === "temperature");
holds("error of a field", true);
await assert.rejects(complete({ model: "another" }), (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found");
holds("error of the model", true);

const aborted = await chat({ stream: true, max_tokens: 100 });
for await (const _ of aborted) break;
holds("abort", (await chat()).choices[0].message.content === talk.choices[0].message.content);
