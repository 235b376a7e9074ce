/** The durable client of an invocation: the one word of the durable library that HTTP handlers use. */
export { getClient } from 'durable-functions';
