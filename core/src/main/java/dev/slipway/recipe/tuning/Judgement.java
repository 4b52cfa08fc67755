package dev.slipway.recipe.tuning;

import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.metric.Interval;
import dev.slipway.recipe.run.Evaluation;
import java.util.List;
import java.util.SequencedMap;

/** What the test split said of a tuned model; {@code evaluation.json} is what it holds. */
public sealed interface Judgement {
  /** What is written down. */
  Object document();

  /** Figures of the task by their names. */
  SequencedMap<String, Interval> figures();

  /** What it was not tuned for, before and after. */
  List<Retention> retention();

  /** Of a model that writes text, beside the one that it began as. */
  record OfText(Evaluation evaluation) implements Judgement {
    @Override
    public Evaluation document() {
      return evaluation;
    }

    @Override
    public SequencedMap<String, Interval> figures() {
      return evaluation.figures();
    }

    @Override
    public List<Retention> retention() {
      return evaluation.retention();
    }
  }

  /** Of a model that gives rewards. */
  record OfRewards(RewardEvaluation evaluation) implements Judgement {
    @Override
    public RewardEvaluation document() {
      return evaluation;
    }

    @Override
    public SequencedMap<String, Interval> figures() {
      return evaluation.figures();
    }

    @Override
    public List<Retention> retention() {
      return List.of();
    }
  }
}
