// Methods that n8n adds to values inside expressions; the ones that templates use.
'use strict';
(() => {
  const { DateTime } = luxon;

  function add(prototype, methods) {
    for (const [name, value] of Object.entries(methods))
      Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
  }

  const numbers = (values) => values.map(Number);

  add(Array.prototype, {
    sum() { return numbers(this).reduce((a, b) => a + b, 0); },
    average() { return this.length ? this.sum() / this.length : 0; },
    min() { return Math.min(...numbers(this)); },
    max() { return Math.max(...numbers(this)); },
    first() { return this[0]; },
    last() { return this[this.length - 1]; },
    compact() { return this.filter((value) => value !== null && value !== undefined && value !== ''); },
    unique(...keys) {
      const key = (one) => JSON.stringify(keys.length ? keys.map((name) => one?.[name]) : one);
      return [...new Map(this.map((one) => [key(one), one])).values()];
    },
    pluck(...keys) {
      return this.map((one) => (keys.length === 1 ? one?.[keys[0]] : Object.fromEntries(keys.map((key) => [key, one?.[key]]))));
    },
    chunk(size) {
      return Array.from({ length: Math.ceil(this.length / size) }, (_, row) => this.slice(row * size, (row + 1) * size));
    },
    isEmpty() { return this.length === 0; },
    isNotEmpty() { return this.length > 0; },
    toJsonString() { return JSON.stringify(this); },
  });
  add(Number.prototype, {
    round(places = 0) { return Number(Math.round(Number(`${this}e${places}`)) + `e-${places}`); },
    ceil() { return Math.ceil(this); },
    floor() { return Math.floor(this); },
    abs() { return Math.abs(this); },
    isEven() { return this % 2 === 0; },
    isOdd() { return Math.abs(this % 2) === 1; },
    isInteger() { return Number.isInteger(Number(this)); },
    isEmpty() { return false; },
    format(locale = 'en-US', options = {}) { return new Intl.NumberFormat(locale, options).format(this); },
    toNumber() { return Number(this); },
    toBoolean() { return Number(this) !== 0; },
    toDateTime() { return DateTime.fromMillis(Number(this)); },
  });
  add(String.prototype, {
    isEmpty() { return this.length === 0; },
    isNotEmpty() { return this.length > 0; },
    isNumeric() { return this.trim() !== '' && !Number.isNaN(Number(this)); },
    toNumber() {
      const value = Number(this);
      if (Number.isNaN(value)) throw new Error(`cannot convert to number`);
      return value;
    },
    toInt() { return parseInt(this, 10); },
    toFloat() { return parseFloat(this); },
    toBoolean() { return !['false', '0', 'no', ''].includes(String(this).toLowerCase()); },
    toDateTime() { return DateTime.fromISO(String(this)); },
    toTitleCase() { return String(this).replace(/\p{L}[\p{L}\p{N}']*/gu, (word) => word[0].toUpperCase() + word.slice(1).toLowerCase()); },
    parseJson() { return JSON.parse(String(this)); },
  });
  add(Boolean.prototype, {
    toNumber() { return Number(this.valueOf()); },
    isEmpty() { return false; },
  });
  add(Object.prototype, {
    isEmpty() { return Object.keys(this).length === 0; },
    isNotEmpty() { return Object.keys(this).length > 0; },
    hasField(name) { return Object.hasOwn(this, name); },
    toJsonString() { return JSON.stringify(this); },
  });
})();
