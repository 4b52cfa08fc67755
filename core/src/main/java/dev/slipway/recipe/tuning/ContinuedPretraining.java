package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.Documents;
import dev.slipway.data.Ledger;
import dev.slipway.data.ShuffledBatches;
import dev.slipway.data.SplitName;
import dev.slipway.data.TokenShards;
import dev.slipway.data.TokenWindows;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.eval.yardstick.Yardstick;
import dev.slipway.infer.LanguageModel;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TaskSettings;
import dev.slipway.recipe.run.DataStage;
import dev.slipway.recipe.run.EvaluateStage;
import dev.slipway.recipe.run.Evaluation;
import dev.slipway.recipe.run.HeldOut;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.recipe.run.Samples;
import dev.slipway.task.LanguageModelling;
import dev.slipway.task.Objective;
import dev.slipway.tune.TunedDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pre-training that goes on with other text, by the model's own tokenizer. */
public final class ContinuedPretraining implements TuningTask {
  /** What cleaning leaves, about; only a forecast stands on it. */
  private static final double KEPT = 0.85;

  /** Text whose tokens are counted for the forecast. */
  private static final int SAMPLE = 200_000;

  /** Bytes of text that are read and tokenised in a second. */
  private static final double BYTES_PER_SECOND = 4e6;

  private final Recipe recipe;

  public ContinuedPretraining(Recipe recipe) {
    this.recipe = recipe;
  }

  @Override
  public Size size(BaseModel base) {
    Source source = recipe.data().config().source();
    StringBuilder sample = new StringBuilder();
    long expected;
    try (RecordReader reader = source.open()) {
      expected = reader.expectedBytes();
      if (expected < 0) {
        expected = source.path().toFile().length();
      }
      for (RecordReader.PendingRecord next = reader.next();
          next != null && sample.length() < SAMPLE;
          next = reader.next()) {
        sample.append(new String(next.read().content(), StandardCharsets.UTF_8)).append('\n');
      }
    }
    if (sample.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.empty",
          source.path() + " has no records, expected some text to learn from",
          "check the path and the patterns of data.source");
    }
    String text = sample.substring(0, Math.min(sample.length(), SAMPLE));
    double bytesPerToken =
        (double) text.getBytes(StandardCharsets.UTF_8).length
            / Math.max(1, base.tokenizer().encodeOrdinary(text).length);
    double heldOut = recipe.data().resolvedSplit().heldOut();
    long tokens = Math.max(1, Math.round(KEPT * expected / bytesPerToken));
    long training = Math.max(1, Math.round(tokens * (1 - heldOut)));
    return new Size(
        Math.ceilDiv(training, base.context()),
        1,
        base.context(),
        base.context(),
        Math.round(tokens * heldOut),
        0,
        1 + expected / BYTES_PER_SECOND);
  }

  @Override
  public String counted() {
    return "token";
  }

  @Override
  public TaskSettings settled(BaseModel base) {
    return recipe.task();
  }

  @Override
  public Prepared prepare(BaseModel base, RunPaths paths, Phases phases, int threads) {
    DataStage stage = new DataStage(paths, recipe.seed(), threads, phases);
    Documents documents = stage.documents(recipe.data().config());
    try {
      return new Ready(
          base,
          paths,
          phases,
          documents,
          stage.tokens(documents, base.tokenizer(), base.startId(), base.endId()));
    } catch (RuntimeException e) {
      documents.close();
      throw e;
    }
  }

  private final class Ready implements Prepared {
    private final BaseModel base;
    private final RunPaths paths;
    private final Phases phases;
    private final Documents documents;
    private final TokenShards shards;

    Ready(BaseModel base, RunPaths paths, Phases phases, Documents documents, TokenShards shards) {
      this.base = base;
      this.paths = paths;
      this.phases = phases;
      this.documents = documents;
      this.shards = shards;
    }

    private ShuffledBatches batches(int rows) {
      return new ShuffledBatches(
          new TokenWindows(shards.shard(SplitName.TRAIN), base.context()), recipe.seed(), rows);
    }

    @Override
    public Objective objective(TunedDecoder model, int rows) {
      return new LanguageModelling(
          model.parameters(),
          model.execution(),
          batches(rows),
          new TokenWindows(shards.shard(SplitName.VALIDATION), base.context()),
          rows);
    }

    @Override
    public double epochs(long microBatches, int rows) {
      return batches(rows).epochs(microBatches);
    }

    @Override
    public Ledger ledger(long microBatches, int rows) {
      ShuffledBatches batches = batches(rows);
      Ledger ledger = documents.ledger().tokenised(shards).trained(batches, microBatches);
      ledger.check(shards, batches, microBatches);
      return ledger;
    }

    @Override
    public Judgement evaluate(TunedDecoder model, int rows) {
      EvaluateStage stage = new EvaluateStage(paths, recipe.seed(), phases);
      return new Judgement.OfText(
          stage.judged(
              () -> {
                Evaluation evaluation =
                    new BeforeAndAfter(recipe, base, phases)
                        .of(
                            model,
                            rows,
                            (execution, progress) ->
                                HeldOut.score(
                                    execution,
                                    shards.shard(SplitName.TEST),
                                    base.context(),
                                    rows,
                                    progress));
                if (recipe.evaluation(EvaluateSettings.Yardsticks.class).isEmpty()) {
                  return evaluation;
                }
                List<Yardstick> yardsticks = new ArrayList<>(evaluation.yardsticks());
                yardsticks.addAll(stage.yardsticks(documents, recipe.budget().time()));
                return evaluation.withYardsticks(yardsticks);
              }));
    }

    @Override
    public String heldOut() {
      return String.format(
          Locale.ROOT,
          "%,d documents that a hash of their content held out, in windows of %d tokens",
          shards.shard(SplitName.TEST).documents(),
          base.context());
    }

    @Override
    public List<Sample> samples(LanguageModel model) {
      return recipe
          .evaluation(EvaluateSettings.Samples.class)
          .map(settings -> Samples.write(model, documents, settings, recipe.seed()))
          .orElse(List.of());
    }

    @Override
    public List<Fact> facts() {
      List<Fact> facts = new ArrayList<>();
      var statistics = documents.statistics();
      facts.add(new Fact("records", String.format(Locale.ROOT, "%,d", statistics.records())));
      facts.add(
          new Fact(
              "training documents",
              String.format(Locale.ROOT, "%,d", statistics.split(SplitName.TRAIN).records())));
      facts.add(
          new Fact(
              "test documents",
              String.format(Locale.ROOT, "%,d", statistics.split(SplitName.TEST).records())));
      return facts;
    }

    @Override
    public void close() {
      shards.close();
      documents.close();
    }
  }
}
