package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a run whose examples are partly or wholly unfit. */
class BadExamplesTest {
  private static final int INPUT = 3;

  @TempDir Path folder;

  private Path recipe(String text) {
    return TinyRun.write(folder.resolve("recipe.yaml"), text);
  }

  private Cli.Result run(Path recipe) {
    return Cli.run("run", recipe, "--out", folder.resolve("run"), "--json");
  }

  /** Ids and reasons of the ledger's rows with an outcome. */
  private List<String> ledger(String outcome) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement =
            connection.prepareStatement(
                "SELECT id, reason FROM read_parquet(?) WHERE outcome = ? ORDER BY id")) {
      statement.setString(1, folder.resolve("run/ledger.parquet").toString());
      statement.setString(2, outcome);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(result.getString(1) + ": " + result.getString(2));
        }
      }
    }
    return rows;
  }

  private void picture(Path file, boolean red) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(12, 12, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(red ? Color.RED : Color.BLUE);
    graphics.fillRect(0, 0, 12, 12);
    graphics.setColor(Color.WHITE);
    Random random = new Random(file.hashCode());
    graphics.fillRect(random.nextInt(9), random.nextInt(9), 3, 3);
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private Path pictures() throws IOException {
    Path pictures = folder.resolve("pictures");
    for (int i = 0; i < 40; i++) {
      picture(pictures.resolve("red/" + i + ".png"), true);
      picture(pictures.resolve("blue/" + i + ".png"), false);
    }
    return recipe(
        """
        name: colours
        data:
          source: { pictures: { path: "%s" } }
          inputs: [ { picture: { height: 8, width: 8, channels: 3 } } ]
          split: { validation: 20%%, test: 20%% }
        task: { binary: { target: label } }
        model: { sequential: [ flatten, { dense: 1 } ] }
        train: { epochs: 2, batch: 8 }
        """
            .formatted(pictures));
  }

  @Test
  void aBrokenPictureIsNamedAndLeftOut() throws Exception {
    Path recipe = pictures();
    Path broken = folder.resolve("pictures/red/7.png");
    Files.write(broken, Arrays.copyOf(Files.readAllBytes(broken), 40));
    Cli.Result result = run(recipe);
    result.succeeds();
    assertThat(result.err()).contains("1 record is left out, since they can't be read: red/7.png");
    assertThat(ledger("dropped")).containsExactly("red/7.png: broken");
    assertThat(ledger("test").size() + ledger("validation").size() + ledger("trained").size())
        .isEqualTo(79);
  }

  @Test
  void aBrokenPictureAmongTenThousand() throws Exception {
    // A dozen pictures again and again, in a zip: what is measured is how many there are.
    List<byte[]> red = new ArrayList<>();
    List<byte[]> blue = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      picture(folder.resolve("red" + i + ".png"), true);
      picture(folder.resolve("blue" + i + ".png"), false);
      red.add(Files.readAllBytes(folder.resolve("red" + i + ".png")));
      blue.add(Files.readAllBytes(folder.resolve("blue" + i + ".png")));
    }
    Path archive = folder.resolve("pictures.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      for (int i = 0; i < 10_000; i++) {
        zip.putNextEntry(new ZipEntry((i % 2 == 0 ? "red/" : "blue/") + i + ".png"));
        byte[] bytes = (i % 2 == 0 ? red : blue).get(i % 6);
        zip.write(i == 4_321 ? Arrays.copyOf(bytes, 40) : bytes);
        zip.closeEntry();
      }
    }
    Cli.Result result =
        run(
            recipe(
                """
                name: many
                data:
                  source: { pictures: { path: "%s" } }
                  inputs: [ { picture: { height: 4, width: 4, channels: 1 } } ]
                  split: { validation: 5%%, test: 5%% }
                task: { binary: { target: label } }
                model: { sequential: [ flatten, { dense: 1 } ] }
                train: { steps: 20, batch: 8 }
                evaluate: [ metrics ]
                """
                    .formatted(archive)));
    result.succeeds();
    assertThat(result.err())
        .contains("1 record is left out, since they can't be read: blue/4321.png (broken)");
    assertThat(ledger("dropped")).containsExactly("blue/4321.png: broken");
    int kept = 0;
    for (String outcome : List.of("trained", "unseen", "validation", "test")) {
      kept += ledger(outcome).size();
    }
    assertThat(kept).isEqualTo(9_999);
  }

  @Test
  void anEmptyClassFolder() throws Exception {
    Path recipe = pictures();
    Files.createDirectories(folder.resolve("pictures/green"));
    Cli.Result result = run(recipe);
    result.succeeds();
    assertThat(result.err()).contains("left out", "green/");
    assertThat(result.json().path("evaluation").path("examples").asInt()).isPositive();
  }

  @Test
  void aClassWithOneExample() throws Exception {
    Path recipe = pictures();
    picture(folder.resolve("pictures/green/only.png"), true);
    Cli.Result result =
        Cli.run(
            "run",
            recipe,
            "--out",
            folder.resolve("run"),
            "--json",
            "--set",
            "task={multi-class: {target: label}}",
            "--set",
            "model={sequential: [ flatten, { dense: 3 } ]}");
    result.succeeds();
    assertThat(result.err())
        .contains(
            "these classes have one example, which is learnt from and never judged by: green");
    assertThat(ledger("trained")).anyMatch(row -> row.startsWith("green/only.png"));
  }

  @Test
  void twoRunsAreComparedByTheirPredictions() throws Exception {
    Path recipe = pictures();
    Path home = folder.resolve("runs");
    Cli.run("run", recipe, "--out", home.resolve("a"), "--set", "train.epochs=1").succeeds();
    Path charts = folder.resolve("charts");
    Cli.run("run", recipe, "--out", home.resolve("b"), "--png", charts).succeeds();
    assertThat(charts.resolve("loss.png")).exists();
    assertThat(charts.resolve("roc.png")).exists();
    Cli.Result compared = Cli.run("runs", "compare", "--runs", home, "a", "b").succeeds();
    assertThat(compared.out())
        .contains("train.epochs")
        .containsPattern("accuracy.* on 16 examples");
    Cli.run("run", recipe, "--out", home.resolve("c"), "--set", "seed=3").succeeds();
    Cli.run("runs", "compare", "--runs", home, "a", "c")
        .fails(INPUT, "eval.different-examples", "predictions.jsonl");
    Cli.run("run", recipe, "--out", home.resolve("d"), "--png", recipe)
        .fails(2, "usage", "is a file, expected a folder");
  }

  private Path table(String csv, String task) {
    Path table = TinyRun.write(folder.resolve("table.csv"), csv);
    return recipe(
        """
        name: table
        data:
          source: { table: { path: "%s" } }
          inputs: [ { numbers: { columns: [ a, b ] } } ]
          split: { validation: 20%%, test: 20%% }
        task: %s
        model: { sequential: [ { dense: 1 } ] }
        train: { epochs: 2, batch: 8 }
        """
            .formatted(table, task));
  }

  private static String rows(int count, String last) {
    StringBuilder csv = new StringBuilder("a,b,y\n");
    for (int i = 0; i < count; i++) {
      csv.append(i).append(',').append(i % 7).append(',').append(i % 2).append('\n');
    }
    return csv.append(last).toString();
  }

  @Test
  void raggedRows() throws Exception {
    Cli.Result result = run(table(rows(60, "1,2\n1,2,3,4\n"), "{ binary: { target: y } }"));
    result.succeeds();
    assertThat(result.err()).contains("2 records are left out", "row-61", "row-62");
    assertThat(ledger("dropped")).hasSize(2).allMatch(row -> row.startsWith("row-6"));
  }

  @Test
  void aColumnAllMissing() throws Exception {
    StringBuilder csv = new StringBuilder("a,b,y\n");
    for (int i = 0; i < 60; i++) {
      csv.append(i).append(",,").append(i % 2).append('\n');
    }
    Cli.Result result = run(table(csv.toString(), "{ binary: { target: y } }"));
    result.fails(INPUT, "data.column-all-missing", "'b' has no value", "missing: { constant");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void aTargetThatIsNoNumber() throws Exception {
    Cli.Result result = run(table(rows(60, "1,2,NaN\n1,2,inf\n"), "{ regression: { target: y } }"));
    result.succeeds();
    assertThat(result.err()).contains("2 examples are left out (target missing): row-61, row-62");
    assertThat(ledger("dropped"))
        .containsExactly("row-61: target missing", "row-62: target missing");
  }

  @Test
  void labelsThatTrainingDoesNotKnow() throws Exception {
    Path texts = folder.resolve("texts");
    for (int i = 0; i < 40; i++) {
      for (String split : List.of("train", "test")) {
        for (String label : List.of("good", "bad")) {
          Path file = texts.resolve(split + "/" + label + "/" + i + ".txt");
          Files.createDirectories(file.getParent());
          Files.writeString(file, label + " film " + i + " " + split);
        }
      }
    }
    Path odd = texts.resolve("test/odd/1.txt");
    Files.createDirectories(odd.getParent());
    Files.writeString(odd, "an odd one");
    Files.writeString(
        texts.resolve("train/good/0.txt"), "word ".repeat(2_000_000), StandardCharsets.UTF_8);
    Cli.Result result =
        run(
            recipe(
                """
                name: texts
                data:
                  source: { texts: { path: "%s" } }
                  inputs: [ { words: { size: 100, length: 8 } } ]
                  split: { validation: 20%% }
                task: { multi-class: { target: label } }
                model: { sequential: [ { embedding: 4 }, flatten, { dense: 2 } ] }
                train: { epochs: 2, batch: 8 }
                """
                    .formatted(texts)));
    result.succeeds();
    assertThat(result.err())
        .contains("1 held-out example is left out, since no training example has the label: odd");
    assertThat(ledger("dropped"))
        .containsExactly(
            "test/odd/1.txt: label unknown to training", "train/good/0.txt: too large to hold");
  }
}
