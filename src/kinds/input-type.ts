/** How the text of an input is read. */
export type InputType =
  | 'text'
  | 'boolean'
  | 'number'
  /** Items divided by commas or line ends. */
  | 'list'
  /** Items divided by line ends; `"…"` around an item keeps what is inside, as CSV does. */
  | 'lines'
  /** Lines of NAME=value. */
  | 'key-values';
