package dev.slipway.recipe.tuning;

import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.conversation.SequenceEncoder;
import dev.slipway.data.conversation.SequenceRows;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.SequenceShards;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TaskSettings;
import dev.slipway.recipe.run.EvaluateStage;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.task.Objective;
import dev.slipway.task.SupervisedTuning;
import dev.slipway.tune.TunedDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Learning to answer as the assistant of conversations does. */
public final class InstructionTuning implements TuningTask {
  private final Recipe recipe;
  private final TaskSettings.InstructionTuning settings;

  public InstructionTuning(Recipe recipe, TaskSettings.InstructionTuning settings) {
    this.recipe = recipe;
    this.settings = settings;
  }

  private SequenceEncoder encoder(ChatTexts texts) {
    return texts.encoder(settings.overLong(), settings.learn() == TaskSettings.Learn.ALL);
  }

  @Override
  public Size size(BaseModel base) {
    double heldOut = recipe.data().resolvedSplit().heldOut();
    SequenceEncoder encoder = encoder(ChatTexts.of(settings.template(), base));
    ConversationSize all =
        ConversationSize.of(recipe.data().config().source(), encoder::countConversation);
    double tokens = all.tokens() * (1 - heldOut);
    double rows =
        settings.pack() ? Math.ceil(tokens / base.context()) : all.records() * (1 - heldOut);
    return new Size(
        Math.max(1, Math.round(rows)),
        1,
        settings.pack() ? Math.min(tokens, base.context()) : columns(all, base),
        all.learnt() * (1 - heldOut) / Math.max(1, rows),
        Math.round(all.tokens() * heldOut),
        0,
        all.seconds());
  }

  /** A batch is as wide as its longest sequence, which is longer than the mean. */
  static double columns(ConversationSize size, BaseModel base) {
    return Math.clamp(1.4 * size.longest(), 1, base.context());
  }

  @Override
  public String counted() {
    return "token";
  }

  @Override
  public TaskSettings settled(BaseModel base) {
    return settings.withTemplate(ChatTexts.settled(settings.template(), base));
  }

  @Override
  public Prepared prepare(BaseModel base, RunPaths paths, Phases phases, int threads) {
    ChatTexts texts = ChatTexts.of(settings.template(), base);
    return PreparedConversations.of(
        recipe,
        base,
        texts,
        paths,
        phases,
        threads,
        encoder(texts),
        SequenceShards::ofConversations,
        Ready::new);
  }

  private final class Ready extends PreparedConversations {
    private final SequenceRows training;

    Ready(Parts parts) {
      super(parts);
      training = rows(SplitName.TRAIN);
    }

    private SequenceRows rows(SplitName split) {
      SequenceShard shard = shards.shard(split);
      return settings.pack()
          ? SequenceRows.packed(shard, base.context(), texts.padId())
          : SequenceRows.single(shard, texts.padId());
    }

    @Override
    ShuffledOrder order(int rows) {
      return new ShuffledOrder(training.count(), recipe.seed(), rows);
    }

    @Override
    int[][] sequences(long microBatch, int rows) {
      return Arrays.stream(order(rows).batch(microBatch))
          .mapToObj(training::sequences)
          .toArray(int[][]::new);
    }

    @Override
    public Objective objective(TunedDecoder model, int rows) {
      return new SupervisedTuning(
          model.parameters(),
          model.execution(),
          base.tokenizer(),
          training,
          order(rows),
          rows(SplitName.VALIDATION),
          place -> SequenceLedger.recordName(documents, place));
    }

    @Override
    public Ledger ledger(long microBatches, int rows) {
      long[] ofRows = order(rows).times(microBatches);
      long[] times = new long[training.shard().sequences()];
      for (int row = 0; row < ofRows.length; row++) {
        for (int sequence : training.sequences(row)) {
          times[sequence] = ofRows[row];
        }
      }
      return SequenceLedger.of(documents, shards, times);
    }

    @Override
    public Judgement evaluate(TunedDecoder model, int rows) {
      return new Judgement.OfText(
          new EvaluateStage(paths, recipe.seed(), phases)
              .judged(
                  () ->
                      new BeforeAndAfter(recipe, base, phases)
                          .of(
                              model,
                              rows,
                              (execution, progress) ->
                                  AnswerScores.of(
                                      execution,
                                      shards.shard(SplitName.TEST),
                                      IntStream.range(0, shards.shard(SplitName.TEST).sequences())
                                          .toArray(),
                                      base.tokenizer(),
                                      rows,
                                      texts.padId(),
                                      progress))));
    }

    @Override
    public String heldOut() {
      return String.format(
          Locale.ROOT,
          "what the assistant says in %,d conversations that a hash of their content held out",
          shards.shard(SplitName.TEST).sequences());
    }

    @Override
    public List<Fact> facts() {
      SequenceShard train = shards.shard(SplitName.TRAIN);
      long learnt = 0;
      for (int i = 0; i < train.sequences(); i++) {
        learnt += train.targets(i);
      }
      return List.of(
          fact("records", documents.statistics().records()),
          fact("training conversations", train.sequences()),
          fact("rows of a batch's length", training.count()),
          fact("training tokens", train.tokens()),
          fact("learnt of these", learnt),
          fact("test conversations", shards.shard(SplitName.TEST).sequences()),
          new Fact("text fingerprint", texts.fingerprint().value()));
    }
  }
}
