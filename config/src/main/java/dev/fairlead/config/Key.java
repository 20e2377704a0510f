package dev.fairlead.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Describes one key of the config file, on the record component that holds it.
///
/// The binder, the JSON Schema and the reference page are all made from this one annotation, so they cannot
/// disagree. The key is the component's name in kebab case, where `key` says nothing else. Words in `value`, `min` and
/// `max` are written as in the
/// file (`5s`, `64KiB`).
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Key {
    /// The key, where it is not the component's name in kebab case; empty: it is.
    String key() default "";

    /// What the key means, in one or two sentences: unit, and the reason for the default.
    String value();

    /// The text the key has when it is absent; empty: there is none. An `optional` component is then null, a list
    /// or map is empty, a record is bound from nothing (its own defaults), and anything else is a required key.
    String absent() default "";

    /// True when absence means null. It repeats `@Nullable`, which the compiler reads but a running program may not
    /// have on its module path; a test compares the two.
    boolean optional() default false;

    /// How a plain value is written; `TEXT` leaves it to the component's type where that says enough.
    Form form() default Form.TEXT;

    /// The least and the greatest allowed value, of a list the least number of elements; empty: no bound but the
    /// type's.
    String min() default "";

    String max() default "";

    /// A value worth showing in the reference page.
    String example() default "";

    /// True for a record whose keys stand in the mapping around it, not in one of their own.
    boolean inline() default false;

    /// True for a list that may also be written as its only element.
    boolean orOne() default false;

    /// True for the component that takes the name under which its record stands in the parent's map; it is no key
    /// of its own.
    boolean isName() default false;

    /// True for a name that may be left out and is then made from the place: the name of the record around the
    /// list, and the number in it, as in `web/1`.
    boolean namedByPlace() default false;
}
