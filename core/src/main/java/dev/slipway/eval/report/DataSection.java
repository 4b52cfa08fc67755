package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.report.TaskSection.Data;
import dev.slipway.eval.report.TaskSection.Layer;
import dev.slipway.eval.report.TaskSection.Missing;
import dev.slipway.eval.report.TaskSection.SplitSize;
import java.util.ArrayList;
import java.util.List;

/** What is told of the data before training, and of the network. */
final class DataSection {
  private DataSection() {}

  static Markup body(Data data) {
    List<Markup> warnings = new ArrayList<>();
    for (String warning : data.warnings()) {
      warnings.add(html("<li class=\"finding ill\"><b>{}</b></li>", warning));
    }
    return html(
        "{}{}{}{}",
        warnings.isEmpty()
            ? Markup.NONE
            : html("<div class=\"card\"><ul class=\"plain\">{}</ul></div>", warnings),
        sizes(data.splits()),
        TaskPage.pictures(data),
        missing(data.missing()));
  }

  private static Markup sizes(List<SplitSize> splits) {
    List<Markup> tiles = new ArrayList<>();
    long total = splits.stream().mapToLong(SplitSize::examples).sum();
    for (SplitSize split : splits) {
      tiles.add(
          html(
              """
              <div class="tile"><div class="name">{}</div><div class="figure">{}</div><div class="note">{} of the examples</div></div>
              """,
              split.split(),
              Figures.count(split.examples()),
              total == 0 ? "–" : Figures.percent((double) split.examples() / total)));
    }
    return tiles.isEmpty() ? Markup.NONE : html("<div class=\"tiles inner\">{}</div>", tiles);
  }

  private static Markup missing(List<Missing> columns) {
    if (columns.isEmpty()) {
      return Markup.NONE;
    }
    List<List<String>> rows = new ArrayList<>();
    for (Missing column : columns) {
      rows.add(
          List.of(
              column.column(),
              Figures.count(column.missing()),
              column.examples() == 0
                  ? "–"
                  : Figures.percent((double) column.missing() / column.examples()),
              column.treatment()));
    }
    return html(
        "<div class=\"card scroll\"><h3>Missing values</h3>{}</div>",
        TaskPage.table(List.of("Column", "Missing", "Share", "Became"), rows));
  }

  static Markup layers(List<Layer> layers) {
    List<Markup> rows = new ArrayList<>();
    long parameters = 0;
    long memory = 0;
    long flops = 0;
    boolean memoryKnown = true;
    boolean flopsKnown = true;
    for (Layer layer : layers) {
      parameters += layer.parameters();
      memory += layer.memoryBytes();
      flops += layer.flops();
      memoryKnown &= layer.memoryBytes() >= 0;
      flopsKnown &= layer.flops() >= 0;
      rows.add(
          html(
              """
              <tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>
              """,
              layer.name(),
              layer.output(),
              Figures.count(layer.parameters()),
              layer.memoryBytes() < 0 ? "–" : Figures.bytes(layer.memoryBytes()),
              layer.flops() < 0 ? "–" : Figures.si(layer.flops())));
    }
    return html(
        """
        <div class="card scroll"><table class="loose"><thead><tr><th scope="col">Layer</th><th scope="col">Output</th><th scope="col">Parameters</th><th scope="col">Activations</th><th scope="col">FLOPs</th></tr></thead><tbody>{}</tbody><tfoot><tr><th scope="row">Sum</th><td></td><td>{}</td><td>{}</td><td>{}</td></tr></tfoot></table><p class="note">Activations and FLOPs of the forward pass are of one example.</p></div>
        """,
        rows,
        Figures.count(parameters),
        memoryKnown ? Figures.bytes(memory) : "–",
        flopsKnown ? Figures.si(flops) : "–");
  }
}
