package dev.slipway.cli;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.text.DateFormat;
import java.text.DecimalFormat;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Nothing depends on the locale of the machine: i becomes İ in Turkey, Germans write 1,5 and
 * Egyptians ١٫٥. A method of these takes its locale as an argument, or is not called. ({@code
 * formatted} has no such argument: it writes sentences of problems, with names and whole numbers,
 * and the command line sets the locale before anything else.)
 */
class LocaleRulesTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.slipway");

  private static final Set<String> OF_TEXTS =
      Set.of("format", "toLowerCase", "toUpperCase", "printf");

  private static final List<Class<?>> FORMATS =
      List.of(
          DecimalFormat.class,
          NumberFormat.class,
          DateFormat.class,
          SimpleDateFormat.class,
          DateTimeFormatter.class,
          Formatter.class);

  private static boolean dependsOnTheMachine(AccessTarget.CodeUnitCallTarget call) {
    JavaClass owner = call.getOwner();
    boolean ofTexts =
        OF_TEXTS.contains(call.getName())
            && (owner.isEquivalentTo(String.class)
                || owner.isAssignableTo(java.io.PrintStream.class)
                || owner.isAssignableTo(java.io.PrintWriter.class));
    boolean made =
        FORMATS.stream().anyMatch(owner::isEquivalentTo)
            && Set.of(
                    "<init>", "getInstance", "getNumberInstance", "getPercentInstance", "ofPattern")
                .contains(call.getName());
    return (ofTexts || made)
        && call.getRawParameterTypes().stream()
            .noneMatch(type -> type.isEquivalentTo(Locale.class));
  }

  @Test
  void noTextOrNumberIsWrittenInTheLocaleOfTheMachine() {
    assertThat(ALL.size()).isGreaterThan(1000);
    noClasses()
        .should()
        .callCodeUnitWhere(
            target(
                new DescribedPredicate<AccessTarget.CodeUnitCallTarget>("take no locale") {
                  @Override
                  public boolean test(AccessTarget.CodeUnitCallTarget call) {
                    return dependsOnTheMachine(call);
                  }
                }))
        .because("the locale of the machine is no part of a recipe: give Locale.ROOT")
        .check(ALL);
  }

  @Test
  void theRuleSeesWhatIsForbidden() {
    JavaClasses bad = new ClassFileImporter().importClasses(Bad.class);
    long calls =
        bad.get(Bad.class).getCodeUnitCallsFromSelf().stream()
            .filter(call -> dependsOnTheMachine(call.getTarget()))
            .count();
    assertThat(calls).isEqualTo(3);
  }

  /** Calls three methods that depend on the machine, and two that do not. */
  static final class Bad {
    private Bad() {}

    @SuppressWarnings("StringCaseLocaleUsage") // on purpose
    static String text(double number) {
      return String.format("%.2f", number)
          + "I".toLowerCase()
          + new DecimalFormat("0.0").format(number)
          + String.format(Locale.ROOT, "%.2f", number)
          + "I".toLowerCase(Locale.ROOT);
    }
  }
}
