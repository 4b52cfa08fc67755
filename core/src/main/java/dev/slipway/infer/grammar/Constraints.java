package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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

  /**
   * Compiling takes the processor for up to seconds, in which a request's virtual thread would keep
   * all others from its carrier: the service would not even answer whether it is there. A thread of
   * its own that ends when there is nothing to do needs no closing.
   */
  private final ThreadPoolExecutor compilers =
      new ThreadPoolExecutor(
          1,
          1,
          Duration.ofSeconds(10).toNanos(),
          TimeUnit.NANOSECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().name("slipway-constraints").daemon().factory());

  private final Map<String, FutureTask<Constraint>> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, FutureTask<Constraint>> eldest) {
          return size() > KEPT;
        }
      };
  private @Nullable Vocabulary vocabulary; // made when first asked for

  public Constraints(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    compilers.allowCoreThreadTimeOut(true);
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
    FutureTask<Constraint> task;
    boolean isNew = false;
    synchronized (kept) {
      FutureTask<Constraint> known = kept.get(key);
      isNew = known == null;
      task =
          known == null
              ? new FutureTask<>(() -> new Constraint(Effort.bounded(compiling), vocabulary()))
              : known;
      kept.put(key, task);
    }
    if (isNew) {
      compilers.execute(task);
    }
    return made(task);
  }

  /** What came of it, also of what another request had compiled: a refusal comes every time. */
  private static Constraint made(FutureTask<Constraint> task) {
    try {
      return task.get();
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
