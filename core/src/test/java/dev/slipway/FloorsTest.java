package dev.slipway;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The architecture as a test: a package imports only floors below its own, never a neighbour, and
 * nothing goes in circles.
 */
class FloorsTest {
  /** Ground floor first, as in DESIGN.md. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("base"),
          List.of("tokenizer", "nn", "weights", "eval", "hub"),
          List.of("data", "optim", "model"),
          List.of("task", "plan", "infer"),
          List.of("train"),
          List.of("tune"),
          List.of("recipe"));

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.slipway");

  private static String packages(String name) {
    return "dev.slipway." + name + "..";
  }

  @Test
  void everyPackageStandsOnAFloorAndNoneIsEmpty() {
    Map<String, Integer> counts = new TreeMap<>();
    for (JavaClass type : CORE) {
      String rest = type.getPackageName().substring("dev.slipway.".length());
      counts.merge(rest.split("\\.")[0], 1, Integer::sum);
    }
    counts.remove("tensor");
    List<String> onFloors = FLOORS.stream().flatMap(List::stream).sorted().toList();
    assertThat(counts.keySet()).containsExactlyElementsOf(onFloors);
    assertThat(counts).allSatisfy((name, count) -> assertThat(count).as(name).isGreaterThan(2));
  }

  @Test
  void importsOnlyGoDown() {
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      for (String name : FLOORS.get(floor)) {
        List<String> forbidden = new ArrayList<>();
        for (int other = floor; other < FLOORS.size(); other++) {
          FLOORS.get(other).stream()
              .filter(o -> !o.equals(name))
              .map(FloorsTest::packages)
              .forEach(forbidden::add);
        }
        if (!forbidden.isEmpty()) {
          noClasses()
              .that()
              .resideInAPackage(packages(name))
              .should()
              .dependOnClassesThat(resideInAnyPackage(forbidden.toArray(String[]::new)))
              .because("floor " + (floor + 1) + " stands only on the floors below it")
              .check(CORE);
        }
      }
    }
  }

  @Test
  void packagesHaveNoCircles() {
    slices().matching("dev.slipway.(**)").should().beFreeOfCycles().check(CORE);
  }

  @Test
  void onlyTensorSeesNativeBindings() {
    ArchRuleDefinition.noClasses()
        .that(not(resideInAPackage("dev.slipway.tensor..")))
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.bytedeco..", "jdk.incubator.."))
        .check(CORE);
  }

  @Test
  void onlyTensorTouchesBareAddresses() {
    noClasses()
        .that(not(resideInAPackage("dev.slipway.tensor..")))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("dev.slipway.tensor.kernel")
                .and(nameMatching(".*\\.(Lanes|Pages|Row[A-Z]?\\w*)"))
                .or(nameMatching("dev\\.slipway\\.tensor\\.machine\\.(Assembler|MachineCode).*")))
        .because("who calls these has to have checked the bounds")
        .check(CORE);
  }

  @Test
  void coreNeverPrints() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .because("what a run tells the world leaves through listeners")
        .check(CORE);
  }
}
