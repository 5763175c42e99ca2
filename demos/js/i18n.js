/* Translations: which language to use, its strings, and putting them into the
   page. A page carries its English text, so it reads well before this runs. */

const languages = { en: 'English', ko: '한국어', zh_CN: '简体中文' };

const query = new URLSearchParams(location.search);
let strings = {};
let language = 'en';

/* The language of ours that answers a wish such as "ko-KR", or undefined. */
function match(wish) {
  const tag = wish.toLowerCase().replaceAll('_', '-');
  const [base] = tag.split('-');
  if (base === 'en' || base === 'ko')
    return base;
  const traditional = /hant|tw|hk|mo/.test(tag);
  return base === 'zh' && !traditional ? 'zh_CN' : undefined;
}

function choose() {
  const wishes = [query.get('lang'), ...navigator.languages];
  return wishes.filter(Boolean).map(match).find(Boolean) ?? 'en';
}

async function read(name) {
  const reply = await fetch(`i18n/${name}.json`);
  if (!reply.ok)
    throw new Error(`i18n/${name}.json: ${reply.status}`);
  return reply.json();
}

/* The text of a key, {name} replaced by values.name. */
export function t(key, values = {}) {
  const text = strings[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/* A number written as the page's language writes it. */
export function number(value, digits = 0) {
  return value.toLocaleString(language.replace('_', '-'),
    { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/* A date written as the page's language writes it. */
export function when(date) {
  return date.toLocaleString(language.replace('_', '-'),
    { dateStyle: 'medium', timeStyle: 'short' });
}

/* Sets the text of an element and remembers its key. */
export function put(element, key) {
  element.dataset.i18n = key;
  element.textContent = t(key);
}

function apply() {
  document.documentElement.lang = language.replace('_', '-');
  for (const element of document.querySelectorAll('[data-i18n]'))
    element.textContent = t(element.dataset.i18n);
  for (const element of document.querySelectorAll('[data-i18n-label]'))
    element.setAttribute('aria-label', t(element.dataset.i18nLabel));
  for (const element of document.querySelectorAll('[data-i18n-placeholder]'))
    element.placeholder = t(element.dataset.i18nPlaceholder);
}

function fillChooser() {
  const chooser = document.getElementById('language');
  for (const [value, name] of Object.entries(languages))
    chooser.append(new Option(name, value, false, value === language));
  chooser.addEventListener('change', () => {
    query.set('lang', chooser.value);
    location.search = query;
  });
}

/* The address of another page of ours, in the language that was asked for. */
export function pageAddress(path) {
  const lang = query.get('lang');
  return lang ? `${path}?lang=${encodeURIComponent(lang)}` : path;
}

/* Loads the strings and translates the page; English fills what is missing. */
export async function translatePage() {
  language = choose();
  const [english, own] = await Promise.all([read('en'), read(language)]);
  strings = { ...english, ...own };
  apply();
  fillChooser();
  for (const link of document.querySelectorAll('[data-keep-query]'))
    link.href = pageAddress(link.getAttribute('href'));
}
