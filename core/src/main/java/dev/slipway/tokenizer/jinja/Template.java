package dev.slipway.tokenizer.jinja;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A template that has been understood. May be rendered by several threads at once. */
public final class Template {
  private final List<Statement> body;
  private final Map<List<Statement>, Set<String>> undefined;

  private final boolean strict;

  private Template(List<Statement> body, boolean strict) {
    this.body = body;
    this.strict = strict;
    undefined = Symbols.undefined(body);
  }

  /**
   * A template as transformers sets up Jinja2: blocks are trimmed, and what is undefined prints as
   * nothing.
   *
   * @throws TemplateException where it is no template
   */
  public static Template parse(String source) {
    return parse(source, false);
  }

  /**
   * A template as lm-evaluation-harness sets up Jinja2 for prompts: every space and line end is
   * text ({@code keep_trailing_newline}), and to print what is undefined is a failure.
   *
   * @throws TemplateException where it is no template
   */
  public static Template parseStrict(String source) {
    return parse(source, true);
  }

  private static Template parse(String source, boolean strict) {
    try {
      return new Template(Parser.parse(source, !strict), strict);
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  /**
   * Renders with these variables, beside the functions of Jinja and of transformers ({@code
   * raise_exception}, {@code strftime_now}).
   *
   * @param now what {@code strftime_now} tells
   * @throws TemplateException where the template refuses or fails, or uses more than the limits
   */
  public Rendered render(Map<String, Value> variables, LocalDateTime now, Limits limits) {
    Rendering rendering = new Rendering(limits, now, strict);
    Scope context = new Scope(null);
    variables.forEach(context::set);
    try {
      return new Interpreter(rendering, Globals.ALL, undefined).render(body, context);
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  private static TemplateException tooDeep() {
    return new TemplateException(
        TemplateException.LIMIT, "the template or its values nest too deep");
  }
}
