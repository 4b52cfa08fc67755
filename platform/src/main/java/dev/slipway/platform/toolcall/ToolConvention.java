package dev.slipway.platform.toolcall;

import org.jspecify.annotations.Nullable;

/** How a model was taught to write calls; its chat template tells which. */
public enum ToolConvention {
  /** Hermes and Qwen: {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}. */
  HERMES("<tool_call>", "</tool_call>", "arguments"),
  /** Llama 3: the answer is {@code {"name": …, "parameters": {…}}} and nothing else. */
  LLAMA("", "", "parameters"),
  /** Mistral: {@code [TOOL_CALLS][{"name": …, "arguments": {…}}]}, later name and arguments. */
  MISTRAL("[TOOL_CALLS]", "", "arguments");

  private final String begin;
  private final String end;
  private final String arguments;

  ToolConvention(String begin, String end, String arguments) {
    this.begin = begin;
    this.end = end;
    this.arguments = arguments;
  }

  /**
   * That of a template, by the words in it; bare JSON where it has none of the known ones.
   *
   * @return null where the template has no place for tools
   */
  public static @Nullable ToolConvention of(String template) {
    if (!template.contains("tools")) {
      return null;
    }
    return template.contains(MISTRAL.begin)
        ? MISTRAL
        : template.contains(HERMES.begin) ? HERMES : LLAMA;
  }

  /** What stands before a call, which may be a token that texts leave out; "" for nothing. */
  public String begin() {
    return begin;
  }

  String end() {
    return end;
  }

  /** The key of a call's arguments. */
  public String arguments() {
    return arguments;
  }

  /** What an answer is begun with that has to be a call. */
  public String opening() {
    return this == HERMES ? begin + "\n" : begin;
  }

  /** Whether calls stand in a list. */
  public boolean listed() {
    return this == MISTRAL;
  }
}
