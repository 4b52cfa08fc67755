package dev.slipway.eval.report;

import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Tile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that the report of a task other than a language model shows. {@link TaskPage} writes it as
 * one HTML page, {@link #pictures} its charts as files.
 *
 * @param title the run's name
 * @param subtitle one line: what was trained on what
 * @param verdict the headline sentence; {@link TaskVerdict} writes one
 * @param tiles the few figures that matter, under the verdict
 * @param sections in reading order; {@link TaskSection} names the usual one
 * @param recipe the resolved recipe as YAML, or empty
 * @param model facts of the model card
 * @param machine what it ran on
 * @param versions of the programs that made it
 */
public record TaskReport(
    String title,
    String subtitle,
    String verdict,
    List<Tile> tiles,
    List<TaskSection> sections,
    String recipe,
    List<Fact> model,
    List<Fact> machine,
    List<Fact> versions) {
  public TaskReport {
    tiles = List.copyOf(tiles);
    sections = List.copyOf(sections);
    model = List.copyOf(model);
    machine = List.copyOf(machine);
    versions = List.copyOf(versions);
  }

  /**
   * Every chart as a PNG, by its file's name such as {@code roc.png}, in the report's order. Needs
   * a font on the machine, as all of Java2D's text does.
   */
  public Map<String, byte[]> pictures() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (TaskSection section : sections) {
      if (section instanceof TaskSection.Learning learning) {
        for (Curve curve : learning.curves()) {
          files.putIfAbsent(fileName(curve.name()), CurvePictures.png(curve));
        }
      }
      for (Picture picture : Pictures.of(section)) {
        files.putIfAbsent(fileName(picture.name()), CurvePictures.png(picture));
      }
    }
    return files;
  }

  static String fileName(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]+", "-") + ".png";
  }
}
