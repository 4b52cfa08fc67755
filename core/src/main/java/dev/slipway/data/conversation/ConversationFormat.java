package dev.slipway.data.conversation;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;

/** How a row tells a conversation; each setting is the name of a column, or of a key within it. */
public sealed interface ConversationFormat {
  @Doc("A list of messages, each with role and content, as OpenAI and ChatML have it")
  record Messages(
      @Doc("The list") @Default("messages") String messages,
      @Doc("Who speaks: system, user, assistant or tool") @Default("role") String role,
      @Doc("What is said") @Default("content") String content,
      @Doc("Schemas of functions that the assistant may call; rows may lack it") @Default("tools")
          String tools)
      implements ConversationFormat {}

  @Doc("A list of turns, each with from and value, as ShareGPT has it")
  record Sharegpt(
      @Doc("The list") @Default("conversations") String conversations,
      @Doc("Who speaks: human or user, gpt or assistant, system, tool") @Default("from")
          String from,
      @Doc("What is said") @Default("value") String value,
      @Doc("What the system says first; rows may lack it") @Default("system") String system)
      implements ConversationFormat {}

  @Doc("An instruction, what it is about, and the answer, as Alpaca has it")
  record Alpaca(
      @Doc("The instruction") @Default("instruction") String instruction,
      @Doc("What it is about, put below it; rows may lack it or have it empty") @Default("input")
          String input,
      @Doc("The answer") @Default("output") String output,
      @Doc("What the system says first; rows may lack it") @Default("system") String system)
      implements ConversationFormat {}

  @Doc("What is asked and what is answered, each a text or a list of messages")
  record PromptCompletion(
      @Doc("What is asked") @Default("prompt") String prompt,
      @Doc("What is answered") @Default("completion") String completion)
      implements ConversationFormat {}
}
