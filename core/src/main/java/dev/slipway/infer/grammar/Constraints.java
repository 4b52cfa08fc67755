package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Compiles constraints for one model and keeps those that were used last, since the same schema
 * comes with request after request. For any number of threads.
 */
public final class Constraints {
  private static final int KEPT = 64;

  private final Tokenizer tokenizer;
  private final Map<String, Constraint> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Constraint> eldest) {
          return size() > KEPT;
        }
      };
  private @Nullable Vocabulary vocabulary; // made when first asked for

  public Constraints(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * What a request asks for; null where any text will do.
   *
   * @throws dev.slipway.base.SlipwayException as {@link #schema}
   */
  public @Nullable Constraint of(AnswerFormat format) {
    return switch (format) {
      case AnswerFormat.Text _ -> null;
      case AnswerFormat.JsonObject _ -> jsonObject();
      case AnswerFormat.JsonSchema(JsonNode schema) -> schema(schema);
      case AnswerFormat.Regex(String expression) -> regex(expression);
      case AnswerFormat.Choice(List<String> texts) -> choice(texts);
    };
  }

  /** A JSON object, whatever is in it. */
  public Constraint jsonObject() {
    return of("object", SchemaGrammar::anyObject);
  }

  /**
   * JSON that a schema (draft 2020-12) accepts. Properties come in the schema's order; what it does
   * not name comes only where {@code additionalProperties} says so.
   *
   * @throws dev.slipway.base.SlipwayException {@code constraint.invalid}, {@code
   *     constraint.unsupported} with the keyword, {@code constraint.empty} or {@code
   *     constraint.too-large}
   */
  public Constraint schema(JsonNode schema) {
    return of("schema " + Json.line(schema), () -> SchemaGrammar.of(schema));
  }

  /** Texts that a regular expression matches from their beginning to their end. */
  public Constraint regex(String expression) {
    return of("regex " + expression, () -> texts(RegularExpression.whole(expression)));
  }

  /** One of these texts. */
  public Constraint choice(List<String> texts) {
    return of(
        "choice " + Json.line(texts),
        () -> texts(Language.union(texts.stream().map(Language::text).toList())));
  }

  private static Grammar texts(Language language) {
    Grammar.Builder builder = new Grammar.Builder();
    int root = builder.rule();
    builder.language(builder.begin(root), language, builder.end(root));
    return builder.build(root);
  }

  private Constraint of(String key, Supplier<Grammar> compiling) {
    synchronized (kept) {
      Constraint known = kept.get(key);
      if (known != null) {
        return known;
      }
    }
    Constraint made = new Constraint(compiling.get(), vocabulary());
    synchronized (kept) {
      Constraint before = kept.putIfAbsent(key, made);
      return before == null ? made : before;
    }
  }

  private synchronized Vocabulary vocabulary() {
    Vocabulary known = vocabulary;
    if (known == null) {
      known = Vocabulary.of(tokenizer);
      vocabulary = known;
    }
    return known;
  }
}
