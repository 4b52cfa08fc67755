package dev.slipway.base.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A record of one component whose alternatives stand in a document as if they were alternatives of
 * the sealed type that the record belongs to: a choice that is made in another package, where the
 * sealed type can't be.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Unwrapped {}
