package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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

  private final Compilers compilers = new Compilers();

  private final Map<String, CompletableFuture<Constraint>> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(
            Map.Entry<String, CompletableFuture<Constraint>> eldest) {
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
   * @param client who asks: clients take turns where much is to be compiled
   * @throws dev.slipway.base.SlipwayException as {@link #schema}
   */
  public @Nullable Constraint of(AnswerFormat format, String client) {
    return switch (format) {
      case AnswerFormat.Text _ -> null;
      case AnswerFormat.JsonObject _ -> of("object", SchemaGrammar::anyObject, client);
      case AnswerFormat.JsonSchema(JsonNode schema) ->
          of("schema " + Json.line(schema), () -> SchemaGrammar.of(schema), client);
      case AnswerFormat.Regex(String expression) ->
          of("regex " + expression, () -> texts(RegularExpression.whole(expression)), client);
      case AnswerFormat.Choice(List<String> texts) ->
          of(
              "choice " + Json.line(texts),
              () -> texts(Language.union(texts.stream().map(Language::text).toList())),
              client);
    };
  }

  /** What some client asks for. */
  private Constraint of(AnswerFormat format) {
    return Objects.requireNonNull(of(format, ""));
  }

  /** A JSON object, whatever is in it. */
  public Constraint jsonObject() {
    return of(new AnswerFormat.JsonObject());
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
    return of(new AnswerFormat.JsonSchema(schema));
  }

  /** Texts that a regular expression matches from their beginning to their end. */
  public Constraint regex(String expression) {
    return of(new AnswerFormat.Regex(expression));
  }

  /** One of these texts. */
  public Constraint choice(List<String> texts) {
    return of(new AnswerFormat.Choice(texts));
  }

  private static Grammar texts(Language language) {
    Grammar.Builder builder = new Grammar.Builder();
    int root = builder.rule();
    builder.language(builder.begin(root), language, builder.end(root));
    return builder.build(root);
  }

  private Constraint of(String key, Supplier<Grammar> compiling, String client) {
    CompletableFuture<Constraint> made;
    synchronized (kept) {
      made =
          kept.computeIfAbsent(
              key,
              _ ->
                  compilers.compile(
                      client, compiling, grammar -> new Constraint(grammar, vocabulary())));
    }
    return made(made);
  }

  /** What came of it, also of what another request had compiled: a refusal comes every time. */
  private static Constraint made(CompletableFuture<Constraint> made) {
    try {
      return made.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SlipwayException refusal) {
        throw refusal;
      }
      throw new IllegalStateException("a constraint could not be compiled", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while a constraint was compiled");
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
