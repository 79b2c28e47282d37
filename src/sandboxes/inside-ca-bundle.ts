/** Where a sandbox finds the roots to trust when its driver was given some; the variables of clients name it. */
export const insideCaBundle = '/.berth/ca-bundle.pem';
