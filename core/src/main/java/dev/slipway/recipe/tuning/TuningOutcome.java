package dev.slipway.recipe.tuning;

import dev.slipway.data.Ledger;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.recipe.Recipe;
import dev.slipway.train.TrainResult;
import java.util.List;

/**
 * What a tuning came to.
 *
 * @param recipe resolved
 * @param parameters of the whole model, with what tuning added
 * @param trained those that learnt
 * @param epochs how often the training split was seen, a fraction included
 * @param heldOut a clause: what the test split is
 * @param facts of the data
 */
public record TuningOutcome(
    Recipe recipe,
    BaseModel base,
    long parameters,
    long trained,
    TrainResult training,
    Judgement judgement,
    Ledger.Summary ledger,
    double epochs,
    String heldOut,
    List<Fact> facts) {
  public TuningOutcome {
    facts = List.copyOf(facts);
  }
}
